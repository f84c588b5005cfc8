"""Canned replies and macros: who is offered which words, and what one choice does."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from crm import clock
from crm.models import Macro, Message, ReplyTemplate, ReplyUse, Status
from crm.services import answering, complaints, macros, templates
from tests import factories

pytestmark = pytest.mark.django_db
DESK = "/console/desk/"


@pytest.fixture
def chat(ada, box_queue, remote, bea):
    return factories.InteractionFactory(
        customer=ada, queue=box_queue, subject=remote, agent=bea, status="active",
        waiting_since=None,
    )  # fmt: skip


@pytest.fixture
def reply(box_queue):
    def make(name="Box", text_fr="{greeting} {name}, sujet {subject}.", **fields):
        return ReplyTemplate.objects.create(name=name, text_fr=text_fr, **fields)

    return make


def over_rest(client, row, verb, **given):
    address = f"/api/v1/interactions/{row.pk}/{verb}/"
    return client.post(address, given, content_type="application/json")


def names(row):
    return [one.name for one in templates.offered(row)]


def test_a_reply_is_filled_in_for_this_customer_at_this_time_of_day(chat, bea, reply):
    noon = clock.now().replace(hour=10, minute=0)
    said = templates.filled(reply(), chat, bea, noon)
    assert said == "Bonjour Madame Lenoir, sujet Télécommande."
    assert templates.filled(reply("Soir"), chat, bea, noon.replace(hour=20)).startswith("Bonsoir")


def test_only_what_is_valid_today_here_and_in_their_language_is_offered(chat, reply, mobile_queue):
    today = clock.now().date()
    reply("everywhere")
    reply("until today", valid_until=today)
    reply("over", valid_until=today - timedelta(days=1))
    reply("to come", valid_from=today + timedelta(days=1))
    reply("elsewhere", queue=mobile_queue)
    reply("English", text_fr="", text_en="Hello")
    reply("retired", is_active=False)
    assert names(chat) == ["everywhere", "until today"]


def test_what_is_used_most_comes_first_and_what_is_changed_is_counted(beas, chat, reply):
    reply("a")
    often = reply("b")
    for number in (1, 2, 2):  # told twice, counted once
        said = {"template": often.pk, "client_id": f"k{number}", "edited": "1" * (number == 2)}
        assert beas.post(f"{DESK}{chat.pk}/use/", said).status_code == 200
    assert names(chat) == ["b", "a"]
    counted = templates.with_uses(ReplyTemplate.objects.all()).get(pk=often.pk)
    assert (counted.used, counted.edited) == (2, 1)
    found = beas.get(f"{DESK}{chat.pk}/part/replies/").json()["replies"]
    assert [one["name"] for one in found] == ["b", "a"]
    ReplyUse.objects.update(at=clock.now() - templates.COUNTED)
    assert names(chat) == ["a", "b"]


def test_a_reply_with_a_name_that_nobody_knows_or_an_end_before_its_start_is_refused(root):
    def make(**fields):
        body = {"name": "Box", "text_fr": "Bonjour", **fields}
        return root.post("/api/v1/reply-templates/", body, content_type="application/json")

    assert list(make(text_fr="Bonjour {prenom}").json()) == ["text_fr"]
    assert make(valid_from="2026-11-02", valid_until="2026-11-01").status_code == 400
    assert make(shortcut="box").status_code == 201
    assert make(name="Other", shortcut="box").status_code == 400


@pytest.fixture
def solved(reply, remote):
    return Macro.objects.create(
        name="Réglé", reply=reply(), note="Box redémarrée.", subject=remote, nature="fault",
        then="close", outcome="solved",
    )  # fmt: skip


def test_a_macro_answers_notes_and_closes_at_once(beas, chat, solved, remote):
    offered = beas.get(f"{DESK}{chat.pk}/part/macros/").json()["macros"]
    assert [one["name"] for one in offered] == ["Réglé"]
    assert any("Madame Lenoir" in step for step in offered[0]["steps"])
    answer = beas.post(f"{DESK}{chat.pk}/macro/", {"macro": solved.pk, "client_id": "m1"})
    assert answer.status_code == 200
    chat.refresh_from_db()
    assert (chat.status, chat.outcome, chat.nature) == (Status.CLOSED, "solved", "fault")
    assert chat.real_subject == remote
    kinds = chat.messages.exclude(kind="event").values_list("kind", "client_id")
    assert list(kinds) == [("text", "m1.reply"), ("note", "m1.note")]
    assert ReplyUse.objects.get().edited is False


def test_a_macro_of_which_one_step_is_refused_does_nothing(beas, chat, solved, bea):
    solved.reply = None
    solved.save()
    complaints.turn_into(chat, by=bea)  # nobody has answered it in writing
    refused = beas.post(f"{DESK}{chat.pk}/macro/", {"macro": solved.pk, "client_id": "m1"})
    assert refused.status_code == 409
    chat.refresh_from_db()
    assert (chat.status, chat.real_subject) == (Status.ACTIVE, None)
    assert not chat.messages.filter(kind=Message.Kind.NOTE).exists()


def test_a_macro_promises_nothing(beas, chat, solved):
    solved.outcome = "promised"  # as one of before
    with pytest.raises(ValidationError):
        solved.full_clean()
    solved.save()
    answer = beas.post(f"{DESK}{chat.pk}/macro/", {"macro": solved.pk, "client_id": "m1"})
    assert answer.status_code == 409
    chat.refresh_from_db()
    assert (chat.status, chat.messages.count()) == (Status.ACTIVE, 0)


def test_only_whoever_holds_it_does_a_macro(chat, solved, carl, enter, mallory, mias):
    for client, status in ((enter(carl.user), 409), (enter(mallory), 302), (mias, 403)):
        answer = client.post(f"{DESK}{chat.pk}/macro/", {"macro": solved.pk, "client_id": "m1"})
        assert answer.status_code == status
    assert (
        over_rest(enter(carl.user), chat, "macro", macro=solved.pk, client_id="m").status_code
        == 409
    )
    chat.refresh_from_db()
    assert (chat.status, chat.messages.count()) == (Status.ACTIVE, 0)


def test_a_macro_is_offered_only_where_its_words_may_be_said(chat, solved, mobile_queue):
    solved.reply.valid_until = clock.now().date() - timedelta(days=1)
    solved.reply.save()
    assert not macros.offered(chat).exists()
    solved.reply = None
    solved.queue = mobile_queue
    solved.save()
    assert not macros.offered(chat).exists()


def test_the_database_refuses_a_last_step_without_what_it_needs(solved):
    for fields in ({"outcome": ""}, {"then": "transfer"}, {"then": "wait"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Macro.objects.filter(pk=solved.pk).update(**fields)


def test_the_same_is_done_over_rest(beas, chat, solved):
    assert beas.get(f"/api/v1/interactions/{chat.pk}/replies/").json()[0]["name"] == "Box"
    use = {"template": solved.reply.pk, "client_id": "k", "edited": True}
    assert over_rest(beas, chat, "use", **use).status_code == 204
    assert over_rest(beas, chat, "macro", macro=solved.pk, client_id="m").status_code == 204
    chat.refresh_from_db()
    assert chat.status == Status.CLOSED


def test_one_moment_starts_a_clock_that_the_next_words_end(beas, chat, bea, reply):
    def row():
        return beas.get(f"{DESK}rows/?i={chat.pk}").json()["rows"][0]

    assert row()["promise"] is None
    before = clock.now()
    for _twice in range(2):
        assert beas.post(f"{DESK}{chat.pk}/moment/", {"client_id": "p"}).status_code == 200
    assert chat.messages.get().text == "Un instant, je vérifie."
    assert datetime.fromisoformat(row()["promise"]) >= before + answering.PROMISED
    answering.answer(chat, agent=bea, text="C’est fait.", client_id="q")
    assert row()["promise"] is None
    reply("Instant", text_fr="Je regarde, {name}.", shortcut=answering.MOMENT)
    assert over_rest(beas, chat, "moment", client_id="r").status_code == 204
    assert chat.messages.last().text == "Je regarde, Madame Lenoir."


def test_nobody_promises_in_a_colleagues_chat(chat, carl, enter):
    carls = enter(carl.user)
    assert carls.post(f"{DESK}{chat.pk}/moment/", {"client_id": "p"}).status_code == 409
    assert over_rest(carls, chat, "moment", client_id="p").status_code == 409
    assert not chat.messages.exists()
