"""The Celery application: two queues, `live` (route, wake) and `slow` (the rest)."""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

PULSE = "crm.tasks.pulse"


def _every(task: str, seconds: float, *args: object) -> dict[str, object]:
    # A run that could not start before the next one is due is not worth starting.
    return {"task": task, "schedule": seconds, "args": args, "options": {"expires": seconds}}


app = Celery("bravo")
app.config_from_object("django.conf:settings", namespace="CELERY")
# whatever is not named here goes to `slow`, the default queue (settings)
app.conf.task_routes = {
    "crm.tasks.route": {"queue": "live"},
    "crm.tasks.wake": {"queue": "live"},
    "crm.tasks.due": {"queue": "live"},
}
app.conf.beat_schedule = {
    "route": _every("crm.tasks.route", 5),
    "wake": _every("crm.tasks.wake", 5),
    "index messages": _every("crm.tasks.index_messages", 5),
    "figures": _every("crm.tasks.count_again", 15),
    "imports": _every("crm.tasks.advance_imports", 5),
    "bulk actions": _every("crm.tasks.advance_bulk", 5),
    "exports": _every("crm.tasks.write_export", 5),
    "erasures": _every("crm.tasks.advance_erasures", 5),
    "keep no longer": _every("crm.tasks.keep_no_longer", 3600),
    "due": _every("crm.tasks.due", 5),
    "sweep": _every("crm.tasks.sweep", 30),
    "poll mailboxes": _every("tickets.tasks.poll", 60),
    "pulse live": {**_every(PULSE, 10, "live"), "options": {"queue": "live", "expires": 30}},
    "pulse slow": {**_every(PULSE, 10, "slow"), "options": {"queue": "slow", "expires": 30}},
}
app.autodiscover_tasks()


@signals.worker_ready.connect
def _first_worker_sign(sender: Any, **_: object) -> None:
    """A worker's first sign of life does not wait for beat's next round."""
    from crm.services import pulses

    for queue in sender.task_consumer.queues:
        pulses.give(queue.name)


@signals.beat_init.connect
def _first_beat_sign(**_: object) -> None:
    from crm.services import pulses

    pulses.give("beat")


@signals.before_task_publish.connect(sender=PULSE)
def _beat_sign(**_: object) -> None:
    """Only beat sends pulses; that it tries to is its sign of life, with Redis or without."""
    from crm.services import pulses

    pulses.give("beat")
