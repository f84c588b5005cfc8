"""Remove demo data: who was simulated is gone, what was set up stays, and real people too."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils.translation import gettext, override

from chat.models import Site
from config.demo import house, links, removal
from config.demo.history import run
from crm.models import Agent, Customer, Interaction, Message, Queue, Subject, User, Visit
from crm.services import customers, interactions, posting
from selfcare.models import Article, Incident, SurveyInvitation
from tests.doors import signed_in
from tickets.models import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def demo(settings, tmp_path):
    """A small demo, and the administrator who is signed in."""
    settings.VAR_DIR = tmp_path
    house.ensure()
    run.recent(0.02, lambda _text: None)
    return signed_in(User.objects.get(email=links.PEOPLE["administrator"]), second_factor=True)


PAGE = "/console/remove-demo-data/"


def test_an_administrator_removes_the_demo_and_the_house_still_stands(demo, monkeypatch) -> None:
    assert Interaction.objects.exists()
    demo.post(reverse("demo_do", args=["incident"]))
    assert Incident.objects.count() == 2
    settings_before = [m.objects.count() for m in (Queue, Subject, Site, Mailbox, Article)]

    assert demo.get(PAGE).status_code == 200
    assert demo.post(PAGE, {"word": "oui"}).status_code == 200  # a slip changes nothing
    assert Interaction.objects.exists()
    with override("fr"):
        word = gettext("remove").title()
    assert demo.post(PAGE, {"word": word}, HTTP_ACCEPT_LANGUAGE="fr").status_code == 302
    page = demo.get(reverse("demo"), HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert "Bravo est à vous" in page

    for model in (Customer, Interaction, Message, Visit, SurveyInvitation, Agent, Incident):
        assert not model.objects.exists(), model
    assert [u.email for u in User.objects.all()] == [links.PEOPLE["administrator"]]
    assert [m.objects.count() for m in (Queue, Subject, Site, Mailbox, Article)] == settings_before

    for address in ("/fr/", "/fr/search/?q=box", "/console/", reverse("admin:reports"), "/demo/"):
        assert demo.get(address).status_code == 200, address
    assert demo.post(reverse("demo_do", args=["incident"])).status_code == 404
    assert demo.get(PAGE).status_code == 403  # nothing is left to remove

    call_command("seed", stdout=StringIO())
    call_command("seed", "--older", stdout=StringIO())
    assert not Customer.objects.exists()
    assert links.people() == {"administrator"}


def test_real_people_stay_with_what_was_said_and_by_whom(demo) -> None:
    bea = Agent.objects.get(user__email=links.PEOPLE["agent"])
    real = customers.identify("mail", "vraie@personne.example", name="Vraie Personne")
    talk = interactions.open("chat", real, queue=Queue.objects.get(slug="box"))
    interactions.assign(talk, bea)
    posting.post(talk, author=Message.Author.AGENT, agent=bea, text="Bonjour")

    removal.remove(by=User.objects.get(email=links.PEOPLE["administrator"]))

    assert list(Customer.objects.all()) == [real]
    assert list(Interaction.objects.values_list("pk", flat=True)) == [talk.pk]
    assert list(Agent.objects.all()) == [bea]
    assert not User.objects.get(pk=bea.user_id).is_active  # a name, no account


def test_history_that_comes_too_late_is_not_kept(demo) -> None:
    before = run.progress()
    removal._marker().touch()
    run.older(0.02, lambda _text: None)
    assert run.progress() == before


def test_only_an_administrator_may(demo, bea_signed_in) -> None:
    assert bea_signed_in.get(PAGE).status_code == 403
    assert bea_signed_in.post(PAGE, {"word": "supprimer"}).status_code == 403


@pytest.fixture
def bea_signed_in(demo):
    return signed_in(User.objects.get(email=links.PEOPLE["agent"]), second_factor=True)
