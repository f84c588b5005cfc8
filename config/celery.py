"""The Celery application: two queues, `live` (route, wake) and `slow` (the rest).

No ETA and no countdown anywhere: a due time is a column, and beat's sweeps find it."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("bravo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "route": {"task": "crm.tasks.route", "schedule": 5.0, "options": {"expires": 5}},
    "wake": {"task": "crm.tasks.wake", "schedule": 5.0, "options": {"expires": 5}},
    "sweep": {"task": "crm.tasks.sweep", "schedule": 15.0, "options": {"expires": 15}},
}
