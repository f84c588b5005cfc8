"""What does not leave, and what is masked before it is stored."""

from importlib import import_module

import pytest
from django.apps import apps

from crm.models import Message, StopRule
from crm.services import answering, wording
from tests import factories

pytestmark = pytest.mark.django_db
DESK = "/console/desk/"


@pytest.fixture(autouse=True)
def _as_shipped(db):
    """Tests that commit empty the tables, what the migrations put there included."""
    import_module("crm.migrations.0015_replies_and_tone").seed(apps, None)


@pytest.fixture
def chat(ada, box_queue, bea):
    return factories.InteractionFactory(
        customer=ada, queue=box_queue, agent=bea, status="active", waiting_since=None
    )


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("Votre carte 4242 4242 4242 4242 ?", "Cartes bancaires"),
        ("Le mot de passe est Az3rty!", "Mots de passe et codes"),
        ("your password: sunshine", "Mots de passe et codes"),
        ("Quel CONNARD", "Insultes"),
        ("Bande de bâtards", "Insultes"),
        ("Votre mot de passe est oublié", ""),  # tells none
        ("Un bâton, un député, une réputation", ""),
        ("colis 4242424242424241", ""),
    ],
)
def test_the_shipped_list_stops_what_no_exchange_needs(written, rule):
    found = wording.stop(written)
    assert (found.name if found else "") == rule


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("mon mdp : azerty12, merci", "mon mdp : ••••, merci"),
        ("quel connard, 4242 4242 4242 4242", "quel c••••, •••• 4242"),
        ("ta gueule !", "t•••• !"),
        ("Bonjour", "Bonjour"),
    ],
)
def test_what_others_write_is_masked(written, kept):
    assert wording.masked(written) == kept


def test_an_answer_that_may_not_leave_is_given_back_with_advice_in_every_door(beas, chat):
    text = "Votre mot de passe est Az3rty!"
    said = beas.post(f"{DESK}{chat.pk}/say/", {"text": text, "client_id": "a"})
    assert (said.status_code, said.json()["error"]) == (409, "stopped")
    assert "mot de passe" in said.json()["message"].lower()
    for verb in ("messages", "answer"):
        body = {"text": text, "client_id": "a"}
        address = f"/api/v1/interactions/{chat.pk}/{verb}/"
        assert beas.post(address, body, content_type="application/json").status_code == 409
    assert not Message.objects.filter(interaction=chat).exists()


def test_a_note_is_kept_masked(beas, chat):
    said = {"text": "Il a dit connard, mdp=azerty", "client_id": "n", "kind": "note"}
    assert beas.post(f"{DESK}{chat.pk}/say/", said).status_code == 200
    assert chat.messages.get().text == "Il a dit c••••, mdp=••••"


def test_administrators_say_what_is_stopped_and_what_is_masked(root, chat, bea):
    StopRule.objects.update(is_active=False)
    rule = {"name": "Concurrent", "kind": "words", "words": "Telemarque", "advice_en": "No names."}
    made = root.post("/api/v1/stop-rules/", rule, content_type="application/json")
    assert made.status_code == 201
    with pytest.raises(wording.Stopped) as stopped:
        answering.answer(chat, agent=bea, text="Chez TÉLÉMARQUE", client_id="a")
    assert stopped.value.rule.advice("fr") == "No names."
    address = f"/api/v1/stop-rules/{made.json()['id']}/"
    root.patch(address, {"stops": False}, content_type="application/json")
    wording.forget()  # ten seconds later
    answering.answer(chat, agent=bea, text="Chez Télémarque", client_id="a")
    assert chat.messages.get().text == "Chez T••••"
    empty = {"name": "x", "kind": "words", "words": " \n"}
    assert (
        root.post("/api/v1/stop-rules/", empty, content_type="application/json").status_code == 400
    )


def test_agents_do_not_change_the_list(beas, mias):
    for client in (beas, mias):
        body = {"name": "x", "kind": "cards"}
        answer = client.post("/api/v1/stop-rules/", body, content_type="application/json")
        assert answer.status_code == 403
