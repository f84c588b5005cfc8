"""Whoever waits hears their place and how long it takes, as far as it can be said."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async

from chat.services import conversations, tokens
from crm import clock
from crm.consumers import lines
from crm.models import Agent, Heartbeat
from crm.services import interactions, journeys, routing
from tests import factories
from tests.chat.test_socket import dial, hello, until

__all__ = ["dial"]  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def finished(box_queue):
    """`finished(bea, 6, minutes=8)`: so many chats that took her so long each."""

    def make(agent, number, minutes):
        at = clock.now()
        factories.InteractionFactory.create_batch(
            number,
            queue=box_queue,
            status="closed",
            outcome="solved",
            opened_at=at - timedelta(hours=1),
            assigned_at=at - timedelta(minutes=minutes),
            held_since=at - timedelta(minutes=minutes),
            waiting_since=None,
            handled_at=at,
            closed_at=at,
            closed_by=agent,
        )

    return make


@pytest.fixture
def busy(bea, at_work, box_queue):
    """All of Bea's places are taken."""
    at_work(bea)
    for _place in range(bea.chat_places):
        interactions.assign(factories.InteractionFactory(queue=box_queue), bea)


def _waits(box_queue, number):
    return factories.InteractionFactory.create_batch(number, queue=box_queue)


def test_the_wait_is_a_range_and_grows_with_the_place(busy, bea, finished, box_queue):
    finished(bea, 9, minutes=9)
    first, *_more, last = _waits(box_queue, 6)
    line = routing.line(box_queue.pk)
    near, far = line.wait(first.pk), line.wait(last.pk)
    # three in hand, nine minutes each: one is free every three minutes
    assert near.low <= 3 <= near.high < far.high
    assert far.low <= 18 <= far.high


@pytest.mark.parametrize("missing", ["pace", "people"])
def test_what_cannot_be_said_is_not_said(missing, busy, bea, finished, box_queue):
    if missing == "people":
        finished(bea, 9, minutes=9)
        Heartbeat.objects.all().delete()
    row = _waits(box_queue, 1)[0]
    line = routing.line(box_queue.pk)
    assert line.places == {row.pk: 1}
    assert line.wait(row.pk) is None
    assert bool(line.pace.people) is (missing == "pace")


def test_counting_a_line_costs_the_same_with_two_and_with_fifty(
    busy, bea, finished, box_queue, django_assert_num_queries
):
    finished(bea, 3, minutes=9)
    for more in (2, 50):
        _waits(box_queue, more)
        with django_assert_num_queries(4):
            routing.line(box_queue.pk)


async def stands(socket, place):
    """Whatever is said of the wait before: in the end it is this place."""
    while (await until(socket, "line"))["place"] != place:
        pass


async def test_everybody_in_line_hears_their_place_when_it_moves_and_it_is_counted_once(
    dial, shop, rule, remote, bea, busy, finished, monkeypatch
):
    monkeypatch.setattr(lines, "PAUSE", 0.05)
    counted = []
    count = routing.line
    monkeypatch.setattr(routing, "line", lambda key: counted.append(key) or count(key))

    def open_three():
        finished(bea, 9, minutes=9)
        chats = []
        for number in range(3):
            visit = journeys.visit(journeys.new_key(), site_key=shop.key)
            asking = conversations.Asking(key=f"start-{number}")
            chats.append(
                conversations.start(
                    shop, visit, asking, subject=remote, text="Bonjour", client_id=f"line-{number}"
                )
            )
        return chats

    chats = await sync_to_async(open_three)()
    sockets = [await dial() for _chat in chats]
    for socket, chat in zip(sockets, chats, strict=True):
        await hello(socket, chat)
    frames = [await until(socket, "line") for socket in sockets]
    assert [frame["place"] for frame in frames] == [1, 2, 3]
    assert frames[2]["people"]
    assert frames[2]["low"] < frames[2]["high"]
    assert frames[0]["text"].startswith("Votre place dans la file")

    before = len(counted)
    await sync_to_async(Agent.objects.filter(pk=bea.pk).update)(chat_places=4)
    assert await sync_to_async(routing.fill)(bea.pk) == 1
    assert (await until(sockets[0], "message"))["m"]["body"]["event"] == "assigned"
    await stands(sockets[1], 1)
    await stands(sockets[2], 2)
    assert len(counted) - before <= 2
    # whoever is taken and given back is in line again, in front
    await sync_to_async(Agent.objects.filter(pk=bea.pk).update)(chat_places=3)
    await sync_to_async(interactions.give_back)(chats[0].interaction, bea, "lost")
    await sockets[0].send_json_to({"t": "hello", "token": tokens.for_chat(chats[0])})
    await stands(sockets[0], 1)
    await stands(sockets[1], 2)
