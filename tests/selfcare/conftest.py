"""What callbacks and surveys stand on: a number for Ada, a notifier that remembers."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crm import clock, registry
from crm.models import Interaction, Message
from crm.services import interactions, posting
from selfcare.services import surveys
from tests import factories

PARIS = ZoneInfo("Europe/Paris")
ADA_PHONE = "+33199001234"


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


@pytest.fixture
def monday(monkeypatch):
    """Monday 23 November 2026, 10:00 in Paris; `monday("2026-11-23T14:00")` moves on."""
    moment = {"now": paris("2026-11-23T10:00")}
    monkeypatch.setattr(clock, "now", lambda: moment["now"])

    def go_to(text: str) -> datetime:
        moment["now"] = paris(text)
        return moment["now"]

    return go_to


@pytest.fixture
def staffed(box_queue, mobile_queue, at_work):
    """Somebody of each queue is at work: a call can be promised for now."""
    at_work(factories.AgentFactory(queues=[box_queue, mobile_queue]))


@pytest.fixture
def outbox(monkeypatch):
    """What the registry was asked to send: (address, template, context, language, key)."""
    sent: dict[str, tuple] = {}

    def remember(address, template, context, language, key, interaction=None, unsubscribe_url=""):
        sent.setdefault(key, (address, template, dict(context), language, interaction))

    monkeypatch.setattr(registry.notices, "_notifier", remember)
    return sent


@pytest.fixture
def survey(db):
    made = surveys.ensure()
    type(made).objects.update(created_at=paris("2026-01-01T00:00"))
    made.refresh_from_db()
    return made


@pytest.fixture
def chat(ada, remote, bea, survey):
    """`chat()`: Ada and Bea talked, Bea closed it."""

    def talk(customer=ada, *, outcome=Interaction.Outcome.SOLVED, lines=True, close=True):
        said = interactions.open("chat", customer, subject=remote, language="fr")
        interactions.assign(said, bea)
        if lines:
            posting.post(said, author=Message.Author.CUSTOMER, text="Ma télécommande est muette")
            posting.post(said, author=Message.Author.AGENT, agent=bea, text="Appuyez sur OK")
        if close:
            interactions.close(said, by=bea, outcome=outcome)
        said.refresh_from_db()
        return said

    return talk


@pytest.fixture
def invitation(chat):
    return surveys.invite(chat().pk)
