"""Handing over: another channel goes on with it, a colleague helps, wrap-up, "next, please"."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import clock, registry
from crm.models import (
    AgentState,
    IllegalMove,
    Interaction,
    Message,
    Participant,
    Queue,
    Status,
    WorkSegment,
)
from crm.services import capacity, complaints, going_on, interactions, posting, routing
from crm.services.interactions import wrap_up
from tests import factories
from tests.crm.test_desk import chat, desk, signed_in

__all__ = ["chat", "desk", "signed_in"]  # fixtures

DESK = "/console/desk/"


@pytest.fixture
def in_hand(bea, at_work, chat):
    """A chat in Bea's hands, answered once."""
    at_work(bea)
    row = chat(agent=bea)
    posting.post(row, author="agent", agent=bea, text="Quel est le numéro de votre box ?")
    return row


def _events(row, *, shown=False):
    said = Message.objects.filter(interaction=row, kind="event").order_by("pk")
    if shown:
        said = said.filter(customer_seq__isnull=False)
    return [message.body["event"] for message in said]


# -- another channel


def test_a_chat_goes_on_by_mail_with_what_was_said(desk, in_hand, bea, ada):
    ways = desk.get(f"{DESK}{in_hand.pk}/part/ways/").json()["ways"]
    assert {way["channel"]: way["addresses"] for way in ways}["mail"] == ["ada@lenoir.example"]
    answer = desk.post(f"{DESK}{in_hand.pk}/go_on/", {"channel": "mail", "note": "Tester la box"})
    assert answer.status_code == 200
    in_hand.refresh_from_db()
    new = Interaction.objects.get(continues=in_hand)
    assert (new.channel, new.status, new.customer) == ("mail", Status.WAITING, ada)
    assert (in_hand.status, in_hand.outcome, in_hand.closed_by) == ("closed", "handed_on", bea)
    assert new.messages.get(kind="text").text == "Ma télécommande…"
    note = new.messages.get(kind="note")
    assert note.customer_seq is None
    assert "Tester la box" in note.text
    assert "Bea: Quel est le numéro" in note.text
    told = in_hand.messages.get(kind="event", body__event="goes_on")
    assert new.reference in told.text
    assert told.customer_seq
    page = desk.get(f"{DESK}{new.pk}/").json()
    assert in_hand.reference in page["head"]


def test_an_unknown_address_is_asked_for_and_written_on_the_record(in_hand, bea, ada, carl):
    ada.identities.all().delete()
    with pytest.raises(registry.CannotGoOn):
        going_on.go_on(in_hand, "mail", by=bea, address="ada@")
    in_hand.refresh_from_db()
    assert in_hand.status == Status.ACTIVE
    going_on.go_on(in_hand, "mail", by=bea, address="Ada@Lenoir.example")
    assert ada.identities.get().value == "ada@lenoir.example"
    with pytest.raises(interactions.NotFree):
        going_on.go_on(in_hand, "mail", by=bea)


def test_a_chat_goes_on_by_phone_now_or_in_a_slot(desk, in_hand, remote):
    phone = next(
        way
        for way in desk.get(f"{DESK}{in_hand.pk}/part/ways/").json()["ways"]
        if way["channel"] == "callback"
    )
    slot = phone["moments"][-1]["at"]
    fields = {"channel": "callback", "address": "01 99 00 12 34", "subject": remote.pk}
    refused = desk.post(f"{DESK}{in_hand.pk}/go_on/", fields | {"address": "12"})
    assert refused.status_code == 409
    assert desk.post(f"{DESK}{in_hand.pk}/go_on/", fields | {"moment": slot}).status_code == 200
    new = Interaction.objects.get(continues=in_hand)
    assert (new.channel, new.status) == ("callback", Status.PENDING)
    assert new.wake_at.isoformat()[:16] == slot[:16]


def test_a_complaint_goes_on_as_one_with_the_time_it_has_had(in_hand, bea, carl):
    since = clock.now() - timedelta(days=3)
    complaints.turn_into(in_hand, by=bea, owner=carl, at=since)
    complaints.next_level(in_hand, by=bea, at=since)
    new = going_on.go_on(in_hand, "mail", by=bea)
    assert (new.complaint.level, new.complaint.owner, new.complaint.level_since) == (2, carl, since)


def test_whoever_does_not_have_it_does_not_send_it_elsewhere(signed_in, in_hand, carl, mallory):
    for user in (carl.user, mallory):
        answer = signed_in(user).post(f"{DESK}{in_hand.pk}/go_on/", {"channel": "mail"})
        assert answer.status_code in (302, 403, 404, 409)
    assert not Interaction.objects.filter(continues=in_hand).exists()


# -- a colleague beside me


def test_two_write_the_customer_reads_who_joined_and_both_hold_a_place(
    signed_in, desk, in_hand, bea, carl, at_work
):
    at_work(carl)
    assert desk.post(f"{DESK}{in_hand.pk}/join/", {"to_agent": carl.pk}).status_code == 200
    places = {key: facts.places for key, facts in capacity.of([bea.pk, carl.pk]).items()}
    assert places == {bea.pk: 1, carl.pk: 1}
    theirs = signed_in(carl.user)
    assert [row["i"] for row in theirs.get(DESK + "snapshot/").json()["rows"]] == [in_hand.pk]
    say = {"text": "Bonjour, je regarde aussi", "kind": "text", "client_id": "k1"}
    assert theirs.post(f"{DESK}{in_hand.pk}/say/", say).status_code == 200
    # closing stays the holder's; the time is each one's own
    assert theirs.post(f"{DESK}{in_hand.pk}/close/", {"outcome": "solved"}).status_code == 409
    interactions.close(in_hand, by=bea, outcome="solved")
    in_hand.refresh_from_db()
    assert in_hand.closed_by == bea
    assert _events(in_hand, shown=True)[-2:] == ["joined", "closed"]
    assert set(
        WorkSegment.objects.filter(interaction=in_hand, kind="write").values_list("agent", "until")
    ).isdisjoint({(carl.pk, None), (bea.pk, None)})
    assert WorkSegment.objects.filter(interaction=in_hand, agent=carl).exists()
    assert capacity.of([carl.pk])[carl.pk].places == 0


def test_who_is_full_or_away_is_not_brought_in(in_hand, bea, carl, at_work, box_queue):
    with pytest.raises(interactions.NoRoom, match="offline"):
        interactions.join(in_hand, carl, by=bea)
    at_work(carl)
    type(carl).objects.filter(pk=carl.pk).update(chat_places=0)
    with pytest.raises(interactions.NoRoom, match="full"):
        interactions.join(in_hand, carl, by=bea)
    assert not Participant.objects.filter(interaction=in_hand, role="assist").exists()


def test_the_holder_goes_on_alone_and_nobody_else_sends_the_colleague_away(
    signed_in, desk, in_hand, bea, carl, at_work
):
    at_work(carl)
    interactions.join(in_hand, carl, by=bea)
    interactions.part(in_hand, factories.AgentFactory())
    assert interactions.assistants(in_hand) == [carl]
    assert desk.post(f"{DESK}{in_hand.pk}/part/").status_code == 200
    assert interactions.assistants(in_hand) == []
    assert _events(in_hand, shown=True)[-1] == "parted"
    in_hand.refresh_from_db()
    assert in_hand.agent == bea


def test_everybody_in_a_conference_is_locked_before_their_exchange(
    desk, in_hand, bea, carl, at_work, monkeypatch
):
    at_work(carl)
    interactions.join(in_hand, carl, by=bea)
    before = []  # exchanges locked → the agents locked then
    lock = capacity.lock

    def watched(agents):
        before.append((any("FOR UPDATE" in query["sql"] for query in seen), set(agents)))
        lock(agents)

    monkeypatch.setattr(capacity, "lock", watched)
    with CaptureQueriesContext(connection) as seen:
        assert desk.post(f"{DESK}{in_hand.pk}/close/", {"outcome": "solved"}).status_code == 200
    assert before[0] == (False, {bea.pk, carl.pk})


def test_who_assists_leaves_or_takes_over(in_hand, bea, carl, at_work):
    at_work(carl)
    interactions.join(in_hand, carl, by=bea)
    interactions.part(in_hand, carl)
    assert interactions.assistants(in_hand) == []
    assert capacity.of([carl.pk])[carl.pk].places == 0
    interactions.join(in_hand, carl, by=bea)
    assert capacity.of([carl.pk])[carl.pk].places == 1
    row = interactions.transfer(in_hand, by=bea, to_agent=carl)
    assert (row.agent, interactions.assistants(row)) == (carl, [])
    known = capacity.of([bea.pk, carl.pk])
    assert (known[bea.pk].places, known[carl.pk].places) == (0, 1)


# -- wrap-up


def test_wrap_up_holds_its_place_and_is_prolonged_as_often_as_the_queue_allows(
    desk, in_hand, bea, box_queue
):
    Queue.objects.filter(pk=box_queue.pk).update(wrap_up_more=1, wrap_up_more_seconds=120)
    at = clock.now()
    interactions.end_exchange(in_hand, at=at)
    assert capacity.of([bea.pk])[bea.pk].places == 1
    answer = desk.post(f"{DESK}{in_hand.pk}/prolong/").json()["row"]
    assert answer["wrap_more"] == 0
    assert desk.post(f"{DESK}{in_hand.pk}/prolong/").status_code == 409
    in_hand.refresh_from_db()
    assert wrap_up.ends_at(in_hand) == at + timedelta(seconds=180)
    assert interactions.finish_wrap_ups(at + timedelta(seconds=179)) == 0
    assert interactions.finish_wrap_ups(at + timedelta(seconds=181)) == 1
    in_hand.refresh_from_db()
    assert in_hand.handled_at == at + timedelta(seconds=180)
    assert capacity.of([bea.pk])[bea.pk].places == 0


def test_wrap_up_is_the_holders_alone(in_hand, bea, carl, at_work):
    at_work(carl)
    interactions.join(in_hand, carl, by=bea)
    interactions.end_exchange(in_hand)
    known = capacity.of([bea.pk, carl.pk])
    assert (known[bea.pk].places, known[carl.pk].places) == (1, 0)


def test_the_queue_says_how_long_wrap_up_is(in_hand, box_queue):
    Queue.objects.filter(pk=box_queue.pk).update(wrap_up_seconds=10)
    at = clock.now()
    interactions.end_exchange(in_hand, at=at)
    assert interactions.finish_wrap_ups(at + timedelta(seconds=11)) == 1


def test_only_its_agent_prolongs_and_only_while_it_runs(in_hand, bea, carl):
    with pytest.raises(IllegalMove):
        interactions.prolong(in_hand, by=bea)
    interactions.end_exchange(in_hand)
    with pytest.raises(IllegalMove):
        interactions.prolong(in_hand, by=carl)


# -- next, please


def test_next_please_takes_the_first_in_line_of_a_queue_that_is_not_handed_out(
    desk, bea, at_work, box_queue
):
    Queue.objects.filter(pk=box_queue.pk).update(mode=Queue.Mode.PULL)
    rows = factories.InteractionFactory.create_batch(2, queue=box_queue)
    assert desk.post(DESK + "next/").json()["error"] == "not_ready"
    at_work(bea)
    assert routing.drain() == 0
    assert [desk.post(DESK + "next/").json()["i"] for _row in rows] == [row.pk for row in rows]
    assert desk.post(DESK + "next/").json()["error"] == "nothing"
    assert AgentState.objects.get(agent=bea, until=None).state == "working"


def test_next_please_says_when_what_waits_is_not_for_me(desk, bea, at_work, box_queue):
    at_work(bea)
    factories.InteractionFactory(queue=box_queue, language="de")
    answer = desk.post(DESK + "next/")
    assert (answer.status_code, answer.json()["error"]) == (409, "not_for_you")


# -- over REST


def test_what_the_desk_does_the_api_does(enter, in_hand, bea, carl, at_work, mallory):
    def post(user, verb, key=in_hand.pk, **data):
        path = f"/api/v1/interactions/{f'{key}/' if key else ''}{verb}/"
        answer = enter(user).post(path, data, content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None

    assert post(mallory, "go_on", channel="mail")[0] in (403, 404)
    status, refused = post(bea.user, "join", agent=carl.pk)
    assert (status, "agent" in refused) == (409, True)
    at_work(carl)
    assert post(bea.user, "join", agent=carl.pk)[0] == 200
    assert post(carl.user, "go_on", channel="mail")[0] == 409
    assert post(carl.user, "part")[0] == 200
    assert post(bea.user, "prolong")[0] == 409
    status, mail = post(bea.user, "go_on", channel="mail", note="à suivre")
    assert (status, mail["status"]) == (200, "waiting")
    assert post(bea.user, "take")[0] == 409
    assert post(bea.user, "next", key=None)[1]["id"] == mail["id"]
    later = (clock.now() + timedelta(days=1)).isoformat()
    assert post(bea.user, "snooze", mail["id"], until=later)[1]["status"] == "pending"
    assert post(bea.user, "transfer", mail["id"])[0] == 400
    assert post(bea.user, "transfer", mail["id"], to_queue=in_hand.queue_id)[0] == 200
    assert post(bea.user, "next", key=None)[0] == 200
    assert post(bea.user, "next", key=None)[0] == 204


def test_an_exchange_is_set_aside_closed_and_opened_again_over_rest(enter, in_hand, bea, carl):
    def post(agent, verb, **data):
        path = f"/api/v1/interactions/{in_hand.pk}/{verb}/"
        answer = enter(agent.user).post(path, data, content_type="application/json")
        return answer.status_code, answer.json()

    assert post(carl, "wait")[0] == 409
    assert post(bea, "wait")[1]["status"] == "pending"
    assert post(bea, "reopen")[0] == 409
    assert post(bea, "close", outcome="nonsense")[0] == 400
    status, refused = post(bea, "close", outcome="refused")
    assert (status, refused["detail"]) == (
        409,
        "Seule une réclamation se refuse ou se juge fondée.",
    )
    assert post(carl, "close", outcome="solved")[0] == 409
    status, closed = post(bea, "close", outcome="informed", nature="praise")
    assert (status, closed["status"], closed["outcome"]) == (200, "closed", "informed")
    assert post(bea, "close", outcome="solved")[0] == 409
    status, again = post(bea, "reopen")
    assert (status, again["status"], again["agent"]) == (200, "active", bea.pk)
