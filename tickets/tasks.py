"""Mail's background work: each task can run twice, and a lost one is found by the sweep."""

import os
import socket

from celery import shared_task

from tickets.services import polling, receiving, sending


@shared_task
def send() -> None:
    """Whatever is due. Nets: `sending.sweep` for lost events, `sending.free_stuck` for dead
    senders."""
    sending.drain()


@shared_task
def file(mail_id: int) -> None:
    """Net: `receiving.sweep`."""
    receiving.file(mail_id)


@shared_task
def poll() -> int:
    """What lies on the mailboxes' servers and no fetcher takes. Net: the next round."""
    holder = f"poll:{socket.gethostname()[:30]}:{os.getpid()}"
    return sum(look.count for look in polling.poll(holder))
