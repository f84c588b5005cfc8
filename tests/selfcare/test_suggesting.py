"""At the desk: articles that may answer what the customer last wrote."""

import pytest
from django.urls import reverse

from crm.models import Message
from crm.services import interactions, posting
from selfcare.models import Article
from selfcare.services import suggesting
from tests.doors import signed_in
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db
Author = Message.Author
STEPS = (
    "<p>Deux gestes&nbsp;:</p>"
    "<ol><li>Retirez les piles.</li><li>Attendez <b>dix</b> secondes.</li></ol>"
    "<table><tr><th>Voyant</th><td>éteint</td></tr></table>"
)


@pytest.fixture
def exchange(ada, remote, monday):
    write("Ma télécommande ne répond plus", STEPS, subject=remote)
    write("Activer mon eSIM", "<p>Scannez le code.</p>")
    write("La télécommande et ses piles", "Note de service.", visibility=Article.Visibility.STAFF)
    return interactions.open("mail", ada, subject=remote, language="fr", title="Bonjour")


def say(exchange, text, author=Author.CUSTOMER):
    posting.post(exchange, author=author, text=text)


def titles(exchange):
    return [one.title for one in suggesting.help_for(exchange)]


def test_a_long_letter_is_helped_with_what_one_of_its_sentences_asks(exchange):
    say(exchange, "Je suis client depuis dix ans.\nLa télecommande répond plus ! Cordialement, Ada")
    (found,) = suggesting.help_for(exchange)
    assert found.title == "Ma télécommande ne répond plus"
    assert (
        found.text
        == "Deux gestes :\n\n1. Retirez les piles.\n2. Attendez dix secondes.\n\nVoyant – éteint"
    )
    assert found.url.endswith("/fr/article/ma-telecommande-ne-repond-plus/")


def test_the_last_thing_asked_counts_not_what_was_answered_before(exchange):
    say(exchange, "Ma télécommande ne répond plus")
    say(exchange, "Avez-vous changé les piles ?", Author.AGENT)
    say(exchange, "Oui. Et comment activer mon eSIM ?")
    assert titles(exchange) == ["Activer mon eSIM"]


def test_nothing_is_proposed_when_nothing_is_likely(exchange):
    say(exchange, "Merci beaucoup, bonne journée")
    assert titles(exchange) == []


def test_desk_and_api_ask_for_it_and_a_stranger_gets_none(exchange, beas, mallory):
    say(exchange, "Ma télécommande ne répond plus")
    desk = reverse("admin:workspace_part", args=[exchange.pk, "help"])
    api = f"/api/v1/interactions/{exchange.pk}/help/"
    (found,) = beas.get(desk).json()["help"]
    assert found["title"] == "Ma télécommande ne répond plus"
    assert beas.get(api).json() == [found]
    for address in (desk, api):
        assert signed_in(mallory, second_factor=False).get(address).status_code in (302, 403, 404)
