"""What the agent sees of the visitor's way, and what nobody sees of their card."""

import pytest

from chat.services import conversations, pages
from crm.models import Message
from crm.services import interactions
from crm.text import mask_cards

from .conftest import SHOP


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ma carte 4242 4242 4242 4242 merci", "ma carte •••• 4242 merci"),
        ("4000-0566-5566-5556", "•••• 5556"),
        ("378282246310005.", "•••• 0005."),
        ("colis 4242424242424241", "colis 4242424242424241"),  # no card: the check digit is wrong
        ("appelez le 01 99 00 12 34", "appelez le 01 99 00 12 34"),
        ("réf 2611-0042", "réf 2611-0042"),
        ("12345678901234567890123", "12345678901234567890123"),
    ],
)
def test_card_numbers_are_masked_and_other_numbers_are_not(written, kept):
    assert mask_cards(written) == kept


@pytest.fixture
def chat(shop, remote, visit, bea, at_work):
    at_work(bea)
    return conversations.start(
        shop, visit, conversations.Asking(key="start-key-1"), subject=remote, text="Bonjour",
        client_id="line-key-1",
    )  # fmt: skip


def test_a_first_line_with_a_card_is_stored_without_it(ask, visit, rule, bea, at_work):
    at_work(bea)
    text = "4242 4242 4242 4242"
    ask("start", visit=visit, key="start-key-1", text=text, client_id="line-key-1")
    assert Message.objects.get(client_id="line-key-1").text == "•••• 4242"


def test_the_agent_sees_where_the_visitor_went_and_the_visitor_does_not(chat):
    assert pages.moved(chat.pk, f"{SHOP}/offres", "Nos offres")
    assert not pages.moved(chat.pk, f"{SHOP}/offres", "Nos offres")
    told = chat.interaction.messages.get(body__event="page")
    assert (told.body["title"], told.customer_seq) == ("Nos offres", None)
    chat.refresh_from_db()
    assert chat.page_title == "Nos offres"


def test_a_page_of_another_site_or_after_the_end_is_nobodys_business(chat):
    assert not pages.moved(chat.pk, "https://evil.example/", "?")
    interactions.close(chat.interaction, outcome="solved")
    assert not pages.moved(chat.pk, f"{SHOP}/offres", "Nos offres")
