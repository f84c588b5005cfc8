"""The Celery application: two queues, `live` (route, wake) and `slow` (the rest)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("bravo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
