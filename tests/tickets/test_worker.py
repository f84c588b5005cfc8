"""The whole way by real nudges: Redis, a Celery worker, SMTP. No sweep runs here."""

import time

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connections

from config.celery import app
from crm.models import Interaction
from tests.tickets.conftest import letter
from tickets.models import Mail
from tickets.services import knowledge, receiving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_broker():
    """Here nothing is lost."""


@pytest.fixture
def worker():
    """One that takes from the queue `slow`, in a thread of this process."""
    app.control.purge()
    with start_worker(
        app, pool="solo", concurrency=1, queues=["slow"], perform_ping_check=False
    ) as running:
        yield running
    connections.close_all()


def within(seconds: float, found) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found():
            return True
        time.sleep(0.1)
    return False


def test_a_stored_mail_is_filed_and_acknowledged_by_the_worker(assistance, sink, worker):
    mail = receiving.store(letter("request", id="w1"), ["assistance@lumio.example"])
    assert within(30, lambda: sink.mails), "nothing reached the next server"
    mail.refresh_from_db()
    assert mail.state == Mail.State.FILED
    out = Mail.objects.outbound().get()
    assert out.template == knowledge.ACKNOWLEDGEMENT
    assert within(10, lambda: Mail.objects.get(pk=out.pk).state == Mail.State.SENT)
    assert Interaction.objects.count() == 1
    assert len(sink.mails) == 1
