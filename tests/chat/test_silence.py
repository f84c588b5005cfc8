"""A silent customer is asked once, then the chat closes by rule; writing again undoes both."""

from datetime import timedelta

import pytest

from chat.models import QueueSettings
from chat.services import conversations, tokens
from crm import clock, registry
from crm.models import Interaction, Message, Status
from crm.services import interactions, posting, routing


def after(minutes, monkeypatch):
    later = clock.now() + timedelta(minutes=minutes)
    monkeypatch.setattr(clock, "now", lambda: later)
    return registry.sweeps()["silent chats"]()


def says(chat, author, text, agent=None):
    posting.post(chat.interaction, author=author, text=text, agent=agent)


@pytest.fixture
def silent(chat, bea):
    """Bea has answered and nothing comes."""
    says(chat, Message.Author.AGENT, "Tenez Accueil et OK.", bea)
    return chat


def events(chat):
    return [m.body["event"] for m in chat.interaction.messages.filter(kind="event").order_by("pk")][
        1:
    ]


def test_after_three_minutes_we_ask_once(silent, monkeypatch):
    assert after(2, monkeypatch) == 0
    assert after(1.1, monkeypatch) == 1
    assert after(1, monkeypatch) == 0
    asked = silent.interaction.messages.get(body__event="reminded")
    assert asked.customer_seq
    assert "encore là" in asked.text


def test_five_minutes_later_it_closes_as_silent_and_the_place_is_free(silent, bea, monkeypatch):
    after(3.1, monkeypatch)
    assert after(5.1, monkeypatch) == 1
    silent.interaction.refresh_from_db()
    assert (silent.interaction.status, silent.interaction.outcome) == (
        Status.CLOSED, Interaction.Outcome.SILENT,
    )  # fmt: skip
    assert not Interaction.objects.held_by(bea).exists()


def test_its_place_is_free_before_it_closes(silent, bea, monkeypatch):
    after(3.1, monkeypatch)
    after(2, monkeypatch)
    sweeps = registry.sweeps()
    assert sweeps["places of silent chats"]() == 1
    assert routing.free_places(bea) == 3
    assert after(3.1, monkeypatch) == 1
    silent.interaction.refresh_from_db()
    assert silent.interaction.outcome == Interaction.Outcome.SILENT


def test_a_word_after_the_reminder_undoes_it(silent, bea, monkeypatch):
    after(3.1, monkeypatch)
    says(silent, Message.Author.CUSTOMER, "Oui !")
    assert after(30, monkeypatch) == 0
    says(silent, Message.Author.AGENT, "Très bien.", bea)
    assert after(3.1, monkeypatch) == 1  # asked anew, not closed
    silent.interaction.refresh_from_db()
    assert silent.interaction.status == Status.ACTIVE


def test_a_word_after_the_closing_opens_it_with_the_same_agent(
    silent, bea, carl, at_work, monkeypatch, django_capture_on_commit_callbacks
):
    after(3.1, monkeypatch)
    after(5.1, monkeypatch)
    at_work(carl, bea)  # both free: by turns it would be Carl's
    with django_capture_on_commit_callbacks(execute=True):
        says(silent, Message.Author.CUSTOMER, "Me revoilà")
    silent.interaction.refresh_from_db()
    assert (silent.interaction.status, silent.interaction.agent) == (Status.ACTIVE, bea)


def test_while_the_agent_owes_an_answer_nobody_is_asked(chat, monkeypatch):
    assert after(60, monkeypatch) == 0


def test_an_accepted_invitation_without_a_word_gives_its_place_back(
    shop, rule, visit, bea, at_work, monkeypatch
):
    from chat import invitations
    from tests.chat.conftest import REMOTE_PAGE

    at_work(bea)
    shown = invitations.decide(
        shop, visit, invitations.Page(REMOTE_PAGE, seconds=31), language="fr"
    )
    asking = conversations.Asking(key="start-key-2")
    chat = conversations.accept(shown.shown, visit, asking)
    assert after(3.1, monkeypatch) == 1
    assert after(5.1, monkeypatch) == 1
    chat.interaction.refresh_from_db()
    assert chat.interaction.status == Status.CLOSED
    assert chat.interaction.offered_at is None  # never offered, never handled


def test_a_queue_may_have_more_patience_than_the_site(silent, box_queue, monkeypatch):
    QueueSettings.objects.create(queue=box_queue, remind_minutes=10)
    assert after(9, monkeypatch) == 0
    assert after(1.1, monkeypatch) == 1


def test_a_queue_that_never_closes_by_rule(silent, box_queue, monkeypatch):
    QueueSettings.objects.create(queue=box_queue, silent_minutes=0)
    assert after(4, monkeypatch) == 1
    assert after(600, monkeypatch) == 0


def test_a_chat_that_the_customer_left_is_not_asked(silent, monkeypatch):
    interactions.end_exchange(silent.interaction)
    assert after(60, monkeypatch) == 0


def test_closed_for_longer_than_a_day_it_goes_on_in_a_new_chat_that_knows_it(
    silent, shop, remote, visit, bea, at_work, monkeypatch
):
    token = tokens.for_chat(silent)
    interactions.close(silent.interaction, outcome="solved")
    tokens.read_chat(token)
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(tokens.BadToken):
        tokens.read_chat(token)
    at_work(bea)
    asking = conversations.Asking(key="start-key-9", before=tokens.read_chat(token, over=True))
    new = conversations.start(
        shop, visit, asking, subject=remote, text="Encore moi", client_id="line-key-9"
    )
    assert new.interaction.continues_id == silent.pk


def test_nobody_continues_somebody_elses_chat(silent, shop, remote, new_visit, bea, at_work):
    interactions.close(silent.interaction, outcome="solved")
    silent.interaction.refresh_from_db()
    asking = conversations.Asking(key="start-key-9", before=silent)
    new = conversations.start(
        shop, new_visit(), asking, subject=remote, text="Bonjour", client_id="line-key-9"
    )
    assert new.interaction.continues_id is None
