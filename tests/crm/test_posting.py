"""Messages: numbered without gaps, stored once, shown to whom they concern."""

import random
import threading
import uuid

import pytest
from django.db import connection, connections, transaction

from crm import events, hub
from crm.models import Message, Status
from crm.services import interactions, posting
from crm.services.posting import CUSTOMER, STAFF, Line, Posted, Refused
from tests import factories
from tests.crm.lines import said
from tests.locks import locked

Author, Kind = Message.Author, Message.Kind


def numbers(interaction, audience=STAFF):
    field = f"{audience}_seq"
    kept = interaction.messages.exclude(**{field: None}).order_by("pk")
    return list(kept.values_list(field, flat=True))


# -- one at a time


def test_a_line_moves_the_numbers_of_both_audiences(chat):
    message = posting.post(chat, author=Author.CUSTOMER, text="Bonjour")
    assert (message.staff_seq, message.customer_seq) == (1, 1)
    assert (chat.staff_seq, chat.customer_seq) == (1, 1)
    chat.refresh_from_db()
    assert (chat.staff_seq, chat.customer_seq) == (1, 1)


def test_a_note_is_invisible_to_the_customer(held, bea):
    before = held.customer_seq
    note = posting.post(held, author=Author.AGENT, agent=bea, kind=Kind.NOTE, text="VIP")
    assert note.customer_seq is None
    assert held.customer_seq == before
    assert posting.frames_after(held, CUSTOMER, before) == []
    assert "VIP" in str(posting.frames_after(held, STAFF, 0))


def test_the_same_client_id_is_stored_once(chat):
    first = posting.post(chat, author=Author.CUSTOMER, text="Bonjour", client_id="a")
    again = posting.post(chat, author=Author.CUSTOMER, text="Bonjour !", client_id="a")
    assert again == first
    assert chat.messages.count() == 1


def test_the_first_answer_is_the_first_line_after_the_customers(held, bea):
    posting.post(held, author=Author.AGENT, agent=bea, text="Bonjour Madame")
    assert held.first_answer_at is None
    posting.post(held, author=Author.CUSTOMER, text="Ma box…")
    answer = posting.post(held, author=Author.AGENT, agent=bea, text="Je regarde")
    posting.post(held, author=Author.AGENT, agent=bea, text="Voilà")
    held.refresh_from_db()
    assert held.first_answer_at == answer.created_at
    assert held.last_agent_at > answer.created_at


def test_a_customers_line_reopens_what_was_closed(held):
    interactions.close(held, outcome="solved")
    posting.post(held, author=Author.CUSTOMER, text="Encore moi")
    held.refresh_from_db()
    assert held.status == Status.WAITING
    events_said = [m.body["event"] for m in held.messages.filter(kind=Kind.EVENT)]
    assert events_said[-1] == "reopened"


def test_a_card_reopens_nothing(held):
    interactions.close(held, outcome="solved")
    posting.post(held, author=Author.SYSTEM, kind=Kind.CARD, body={"card": "survey"})
    held.refresh_from_db()
    assert held.status == Status.CLOSED


def test_what_no_text_holds_is_taken_out(chat):
    message = posting.post(chat, author=Author.CUSTOMER, text="a\x00b\ud800c\r\nd")
    message.refresh_from_db()
    assert message.text == "abc\nd"


def test_an_edit_and_a_deletion_are_visible_changes(
    chat, shown, django_capture_on_commit_callbacks
):
    line = posting.post(chat, author=Author.CUSTOMER, text="Bonjuor")
    with django_capture_on_commit_callbacks(execute=True):
        posting.edit(line, "Bonjour")
    assert [(f["seq"], f["m"]["text"], f["m"]["edited"]) for _g, f in shown] == [
        (2, "Bonjour", True),
        (2, "Bonjour", True),
    ]
    shown.clear()
    with django_capture_on_commit_callbacks(execute=True):
        posting.delete(line)
        posting.delete(line)
    assert [(f["seq"], f["m"]["text"], f["m"]["deleted"]) for _g, f in shown] == [
        (3, "", True),
        (3, "", True),
    ]


def test_all_frames_of_a_commit_leave_together(
    chat, monkeypatch, django_capture_on_commit_callbacks
):
    line = posting.post(chat, author=Author.CUSTOMER, text="un")
    calls = []
    monkeypatch.setattr(hub, "publish", lambda frames: calls.append(frames))
    with django_capture_on_commit_callbacks(execute=True):
        posting.edit(line, "deux")
        with transaction.atomic():
            events.push("desk", "lost")
            transaction.set_rollback(True)
        events.push("desk", "kept")
        events.push("agent:1", "kept")
    assert len(calls) == 1
    assert [f["t"] for _g, f in calls[0]] == ["message", "kept"]
    assert calls[0][-1][0] == ("desk", "agent:1")


def test_a_read_mark_never_goes_back(held, bea, ada):
    for text in "abc":
        posting.post(held, author=Author.CUSTOMER, text=text)
    last = held.customer_seq
    assert posting.mark_read(held.pk, last, customer_id=ada.pk)
    assert not posting.mark_read(held.pk, last - 1, customer_id=ada.pk)
    assert not posting.mark_read(held.pk, 999, agent_id=bea.pk)
    assert held.participants.get(customer=ada).read_seq == last


# -- batches


def test_a_batch_numbers_its_lines_in_their_order(
    held, bea, shown, django_capture_on_commit_callbacks
):
    base = held.staff_seq, held.customer_seq
    lines = [
        said(held, "un"),
        said(held, "entre nous", author=Author.AGENT, agent=bea, kind=Kind.NOTE),
        said(held, "deux", author=Author.AGENT, agent=bea),
    ]
    with django_capture_on_commit_callbacks(execute=True):
        answers = posting.post_many(lines)
    assert [a.staff_seq - base[0] for a in answers] == [1, 2, 3]
    assert [a.customer_seq and a.customer_seq - base[1] for a in answers] == [1, None, 2]
    held.refresh_from_db()
    assert (held.staff_seq, held.customer_seq) == (base[0] + 3, base[1] + 2)
    assert held.first_customer_at == held.first_answer_at == held.last_agent_at
    missed = posting.frames_after(held, STAFF, base[0])
    assert [f for g, f in shown if g == f"i:{held.pk}:staff"] == missed
    assert [f for g, f in shown if g == f"agent:{bea.pk}"] == missed
    missed = posting.frames_after(held, CUSTOMER, base[1])
    assert [f for g, f in shown if g == f"i:{held.pk}:customer"] == missed


def test_an_answer_before_the_question_is_no_answer(held, bea):
    posting.post_many([said(held, "Bonjour", author=Author.AGENT, agent=bea), said(held, "Ma box")])
    held.refresh_from_db()
    assert held.first_answer_at is None
    posting.post_many([said(held, "Je regarde", author=Author.AGENT, agent=bea)])
    held.refresh_from_db()
    assert held.first_answer_at is not None


def test_a_resent_line_gets_its_old_number(chat, shown):
    line = said(chat)
    (first,) = posting.post_many([line])
    again, twin, fresh = posting.post_many([line, line, said(chat, "neuf")])
    assert again.repeated
    assert twin.repeated
    assert (again.id, again.staff_seq) == (first.id, first.staff_seq) == (twin.id, twin.staff_seq)
    assert fresh.staff_seq == 2
    assert chat.messages.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_refused_row_does_not_sink_its_batch(chat, bea):
    ghost = Line(chat.pk, Author.AGENT, "personne", str(uuid.uuid4()), agent_id=987654)
    lines = [
        said(chat, "un"),
        ghost,
        said(chat, "x" * 10_001),
        said(chat, " \x00 "),
        said(chat, "deux", client_id=""),
        said(chat, "trois"),
    ]
    answers = posting.post_many(lines)
    assert [type(a) for a in answers] == [Posted, Refused, Refused, Refused, Refused, Posted]
    assert [a.code for a in answers if isinstance(a, Refused)] == [
        "forbidden",
        "too_large",
        "malformed",
        "malformed",
    ]
    assert numbers(chat) == [1, 2]


def test_lines_of_a_closed_chat_take_the_slow_way(held, bea):
    interactions.close(held, outcome="solved")
    (late,) = posting.post_many([said(held, "Trop tard ?", author=Author.AGENT, agent=bea)])
    assert late == Refused(late.line, "closed")
    (asked,) = posting.post_many([said(held, "Encore moi")])
    assert isinstance(asked, Posted)
    held.refresh_from_db()
    assert held.status == Status.WAITING


def test_an_unknown_interaction_is_refused(db):
    (answer,) = posting.post_many([Line(999_999, Author.CUSTOMER, "Hou hou", "k")])
    assert answer.code == "unknown"


@pytest.mark.django_db(transaction=True)
def test_a_locked_interaction_waits_its_turn_and_keeps_its_order(chat, ada, box_queue):
    other = factories.InteractionFactory(channel="chat", customer=ada, queue=box_queue)
    lines = [said(chat, "un"), said(other, "libre"), said(chat, "deux")]
    with locked(chat) as release:
        answers, _frames, left = posting.store(lines)
        assert left == [0, 2]
        assert isinstance(answers[1], Posted)
        release.set()
        later = [posting.post_slowly(lines[place]) for place in left]
    assert [a.staff_seq for a in later] == [1, 2]
    assert list(chat.messages.order_by("pk").values_list("text", flat=True)) == ["un", "deux"]


@pytest.mark.django_db(transaction=True)
def test_eight_threads_leave_no_gap_and_no_double(ada, bea, box_queue):
    chats = [
        factories.InteractionFactory(channel="chat", customer=ada, queue=box_queue)
        for _n in range(4)
    ]
    acknowledged = [[] for _n in range(8)]

    def write(number):
        chance = random.Random(number)
        for turn in range(12):
            picked = [chance.choice(chats) for _n in range(chance.randint(1, 6))]
            if turn % 4 == 3:
                posting.post(picked[0], author=Author.AGENT, agent=bea, kind=Kind.NOTE, text="n")
                continue
            lines = [said(chat, f"{number}.{turn}") for chat in picked]
            answers = posting.post_many(lines)
            answers += posting.post_many(lines[:1])  # its acknowledgement was lost
            acknowledged[number] += answers
        connections.close_all()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = [a for answers in acknowledged for a in answers]
    assert all(isinstance(a, Posted) for a in answers)
    assert len({a.line.client_id for a in answers}) == len({a.id for a in answers})
    for chat in chats:
        chat.refresh_from_db()
        assert numbers(chat) == list(range(1, chat.staff_seq + 1))
        assert numbers(chat, CUSTOMER) == list(range(1, chat.customer_seq + 1))


def test_the_plan_is_one_statement(chat, django_assert_num_queries):
    lines = [said(chat, str(n)) for n in range(50)]
    with connection.execute_wrapper(lambda run, *rest: pytest.fail("a second statement")):
        posting.store(lines)
    assert chat.messages.count() == 50
