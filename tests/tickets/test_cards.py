"""Payment card numbers in what customers write: staff never read them."""

import pytest

from crm import registry
from tests.tickets.conftest import letter
from tickets.mail import html, store
from tickets.models import Mail
from tickets.services import receiving

pytestmark = pytest.mark.django_db
CARD = "4111 1111 1111 1111"


def test_a_card_number_stays_in_the_stored_bytes_alone(assistance):
    raw = letter("request", id="r1").replace(b"depuis hier", f"carte {CARD}, depuis hier".encode())
    mail = Mail.objects.get(pk=receiving.receive(raw, ["assistance@lumio.example"]).pk)
    assert CARD in store.get(mail.source).decode("utf-8", "replace")
    assert "•••• 1111" in mail.text
    for shown in (mail.text, mail.html, mail.subject, mail.message.text, mail.interaction.title):
        assert CARD not in shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<p>4111&nbsp;1111 11111111</p>", "<p>••••\u00a0•••• ••••1111</p>"),
        ("<p><b>4111</b> <b>1111</b> 1111 1111.</p>", "<p><b>••••</b> <b>••••</b> •••• 1111.</p>"),
        ("<p>4111 1111<br>1111 1111</p>", "<p>4111 1111<br>1111 1111</p>"),
        ("<td>4111 1111</td><td>1111 1111</td>", "<td>4111 1111</td><td>1111 1111</td>"),
        (f'<a href="https://x.example/{CARD}">1</a>', f'<a href="https://x.example/{CARD}">1</a>'),
        ("<p>4111 1111 1111 1112</p>", "<p>4111 1111 1111 1112</p>"),
    ],
)
def test_html_is_masked_where_it_is_read(said, shown):
    assert html.mask_cards(said) == shown


def test_the_portals_form_is_masked_too(ada, assistance):
    said = {"title": f"Ma carte {CARD}", "text": CARD, "language": "fr"}
    row = registry.opener("mail")(customer=ada, **said)
    assert row.messages.get(author="customer").text == "•••• 1111"
    assert CARD not in row.title
