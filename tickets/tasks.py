"""Mail's background work: each task can run twice, and a lost one is found by the sweep."""

from celery import shared_task

from tickets.services import receiving, sending


@shared_task
def send(mail_id: int) -> None:
    """Nets: `sending.sweep` for lost events, `sending.free_stuck` for dead senders."""
    sending.send(mail_id)


@shared_task
def file(mail_id: int) -> None:
    """Net: `receiving.sweep`."""
    receiving.file(mail_id)
