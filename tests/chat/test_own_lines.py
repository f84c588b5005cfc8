"""One's own last line can be said differently or taken back, and nobody else's."""

import pytest

from chat.services import conversations
from crm.models import Message
from crm.services import interactions, posting
from crm.services.posting import change_own

CUSTOMER, AGENT = Message.Author.CUSTOMER, Message.Author.AGENT


@pytest.fixture
def chat(shop, remote, visit, bea, at_work):
    at_work(bea)
    return conversations.start(
        shop, visit, conversations.Asking(key="start-key-1"), subject=remote, text="Bonjuor",
        client_id="line-key-1",
    )  # fmt: skip


def last(chat):
    return chat.interaction.messages.filter(kind="text").latest("pk")


def test_the_visitor_rewords_the_last_line_and_both_sides_get_a_new_number(chat):
    before = last(chat)
    assert change_own(chat.pk, before.pk, "Bonjour", author=CUSTOMER) == ""
    after = last(chat)
    assert (after.pk, after.text) == (before.pk, "Bonjour")
    assert after.edited_at
    assert after.staff_seq > before.staff_seq
    assert after.customer_seq > before.customer_seq


def test_a_line_taken_back_shows_its_words_to_nobody(chat):
    assert change_own(chat.pk, last(chat).pk, None, author=CUSTOMER) == ""
    shown = [f["m"] for f in posting.frames_after(chat.interaction, posting.CUSTOMER, 0)]
    (gone,) = [m for m in shown if m["deleted"]]
    assert gone["text"] == ""
    assert change_own(chat.pk, last(chat).pk, "encore", author=CUSTOMER) == "forbidden"


def test_only_the_last_one_and_only_ones_own(chat, bea, carl):
    first = last(chat)
    posting.post(chat.interaction, author=CUSTOMER, text="Deux")
    assert change_own(chat.pk, first.pk, "x", author=CUSTOMER) == "forbidden"
    posting.post(chat.interaction, author=AGENT, agent=bea, text="Oui ?")
    of_bea = last(chat)
    assert change_own(chat.pk, of_bea.pk, "x", author=CUSTOMER) == "forbidden"
    assert change_own(chat.pk, of_bea.pk, "x", author=AGENT, agent_id=carl.pk) == "forbidden"
    assert change_own(chat.pk, of_bea.pk, "Oui !", author=AGENT, agent_id=bea.pk) == ""
    assert last(chat).text == "Oui !"


@pytest.mark.parametrize(("text", "code"), [("  ", "malformed"), ("x" * 10_001, "too_large")])
def test_what_is_no_line_changes_nothing(chat, text, code):
    assert change_own(chat.pk, last(chat).pk, text, author=CUSTOMER) == code
    assert last(chat).text == "Bonjuor"


def test_after_the_end_nothing_is_changed(chat):
    interactions.close(chat.interaction, outcome="solved")
    assert change_own(chat.pk, last(chat).pk, "x", author=CUSTOMER) == "closed"
