"""The kernel's background work: each task can run twice, and a lost one is found by the sweep."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from crm import registry
from crm.reports.rollup import build
from crm.services import bulk, escalation, interactions, privacy, pulses, routing, search, transfer
from crm.services.routing import upkeep

log = logging.getLogger(__name__)


@shared_task
def route() -> int:
    """The safety net below routing in the posting process: take back what nobody has begun, hand
    out what still waits, and hold chats back for the calls that nobody is free for."""
    upkeep.take_back_unanswered()
    given = routing.drain()
    routing.hold_chats_back()
    return given


@shared_task
def wake() -> int:
    """Due callbacks and snoozed mails want an agent again."""
    return interactions.wake_due()


@shared_task
def count_again() -> int:
    """Figures of half hours that have changed are kept anew; until then they are read raw. The
    sweep is the net below, and keeps days that never were."""
    return build.refresh()


@shared_task
def index_messages() -> int:
    """What was said in the last seconds can be found."""
    return search.fill()


@shared_task
def advance_imports() -> int:
    """Running imports go on; the sweep is the net below."""
    return transfer.advance_due()


@shared_task
def advance_bulk() -> int:
    """What is done to many records goes on; the sweep is the net below."""
    return bulk.advance_due()


@shared_task(soft_time_limit=1800, time_limit=1900)
def write_export() -> bool:
    """The next export that somebody waits for."""
    return transfer.write_next()


@shared_task
def advance_erasures() -> int:
    """The same for persons who are being erased."""
    return privacy.erase_due()


@shared_task
def keep_no_longer() -> int:
    """What is past its time goes, a batch per purpose; the next hour goes on."""
    return privacy.purge_due() + privacy.forget_expired()


@shared_task
def due() -> int:
    """What will soon be late, and what is."""
    return escalation.act()


@shared_task
def sweep() -> dict[str, int]:
    """Everything that an event should have started and did not. A failing one stops no other."""
    found = {}
    for name, run in registry.sweeps().items():
        try:
            found[name] = run()
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # whatever it stumbled over: the others run, the log tells
            log.exception("sweep %s", name)
    return found


@shared_task
def pulse(name: str) -> None:
    """A queue's sign of life: beat sends it to each queue, a worker of that queue answers."""
    pulses.give(name)
