"""At closing: who waits is served while somebody is there; then nothing is lost."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlparse
from zoneinfo import ZoneInfo

import pytest

from chat.models import Chat
from chat.services import closing_time
from crm import clock
from crm.models import Heartbeat, Status
from crm.services import interactions, kept, posting, presence
from tests import factories

pytestmark = pytest.mark.django_db

LATE = datetime(2026, 11, 23, 20, 1, tzinfo=ZoneInfo("Europe/Paris"))
OPENING = datetime(2026, 11, 24, 8, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def waits(monkeypatch, shop, sim):
    """One minute after eight; `waits("Ma SIM…")`: somebody who still waits."""
    monkeypatch.setattr(clock, "now", lambda: LATE)

    def make(text):
        row = interactions.open("chat", factories.CustomerFactory(), subject=sim)
        Chat.objects.create(interaction=row, site=shop, start_key=f"key-{row.pk}-{row.pk}")
        posting.post(row, author="customer", text=text)
        row.refresh_from_db()
        return row

    return make


def _card(row):
    return row.messages.get(kind="card")


def test_while_somebody_is_there_whoever_waits_is_served(waits, bea, mobile_queue):
    bea.skills.update(queue=mobile_queue)
    presence.beat(bea)
    presence.set_state(bea, "available")
    waits("Ma SIM est bloquée")
    assert closing_time.sweep() == 0
    Heartbeat.objects.update(seen_at=clock.wall() - timedelta(minutes=5))
    assert closing_time.sweep() == 1


def test_then_they_are_told_once_and_taken_up_in_the_morning_one_after_the_other(waits):
    first, second = waits("Ma SIM est bloquée"), waits("Et mon PUK ?")
    assert closing_time.sweep() == 2
    assert closing_time.sweep() == 0
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, first.wake_at) == (Status.PENDING, OPENING)
    assert second.wake_at == OPENING + timedelta(hours=1)
    assert "demain à 8" in _card(first).text
    # another word wakes it, and does not bring a second card
    posting.post(first, author="customer", text="Il y a quelqu’un ?")
    assert closing_time.sweep() == 1
    assert _card(first)


def test_in_the_morning_it_waits_for_an_agent_like_any_other(waits, monkeypatch):
    row = waits("Ma SIM est bloquée")
    closing_time.sweep()
    monkeypatch.setattr(clock, "now", lambda: OPENING)
    assert interactions.wake_due() == 1
    assert row.messages.filter(body__event="waiting", customer_seq__isnull=False).exists()
    row.refresh_from_db()
    assert row.status == Status.WAITING
    assert closing_time.sweep() == 0


def _address(row, path):
    url = next(way["url"] for way in _card(row).body["ways"] if path in way["url"])
    return urlparse(url).path, {k: v[0] for k, v in parse_qs(urlparse(url).query).items()}


def test_by_mail_with_the_text_kept(waits, client):
    row = waits("Ma SIM est bloquée")
    closing_time.sweep()
    path, query = _address(row, "contact")
    page = client.get(path, query)
    assert "Ma SIM est bloquée" in page.content.decode()
    form = page.context["form"].initial | {
        "mail": "ada@lenoir.example", "title": "SIM bloquée", "subject": "sim-esim-puk",
    }  # fmt: skip
    assert client.post(path, form).status_code == 302
    row.refresh_from_db()
    new = row.continued_by.get()
    assert (row.status, row.outcome, new.channel) == (Status.CLOSED, "handed_on", "mail")
    assert new.messages.filter(text__contains="Ma SIM est bloquée").exists()
    # used up: the same address opens an empty form now
    assert "Ma SIM" not in client.get(path, query).content.decode()


def test_by_phone_with_the_text_kept(waits, client):
    row = waits("Ma SIM est bloquée")
    closing_time.sweep()
    path, query = _address(row, "callback")
    page = client.get(path, query)
    form = page.context["form"].initial | {
        "subject": "sim-esim-puk", "phone": "01 99 00 12 34", "name": "Ada Lenoir",
        "when": OPENING.isoformat(), "zone": "Europe/Paris",
    }  # fmt: skip
    assert client.post(path, form).status_code == 302
    row.refresh_from_db()
    new = row.continued_by.get()
    assert new.callback.asked_text == "Ma SIM est bloquée"
    assert row.outcome == "handed_on"


def test_mallory_reads_nothing_with_a_made_up_address(waits, client):
    row = waits("Ma SIM est bloquée")
    closing_time.sweep()
    path, _query = _address(row, "contact")
    for made_up in (str(row.pk), kept.token(row)[:-2] + "xx", "x" * 500):
        assert "Ma SIM" not in client.get(path, {"kept": made_up}).content.decode()
