"""The agent's socket: who may enter, what they hear and say."""
# ruff: noqa: F811 (an imported fixture is "redefined" by whoever asks for it)

import asyncio
import json

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from asgiref.sync import sync_to_async
from django.db import transaction

from crm import events, hub
from crm.models import AgentState, Heartbeat, Status
from crm.services import access, interactions, posting, presence, roles, writer
from tests import factories
from tests.crm.desk_socket import (  # noqa: F401 (fixtures)
    Desk,
    _nothing_stays_open,
    beas,
    chat,
    count,
    signed_in,
)
from tests.locks import locked
from tests.people import _staff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("who", ["nobody", "ada", "mallory", "staff without a second factor"])
async def test_strangers_and_customers_are_turned_away_and_nothing_happens(
    who, chat, ada_user, mallory, bea
):
    session = None
    if who != "nobody":
        user = {"ada": ada_user, "mallory": mallory}.get(who, bea.user)
        session = await sync_to_async(signed_in)(user)
        if user == bea.user:
            del session[access.DEMO_KEY]
            session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "code"}]
            await sync_to_async(session.save)()
    async with Desk(session) as desk:
        await desk.send(t="hello", after={str(chat.pk): 0})
        await desk.say(chat)
        assert await desk.closed() == 4401
        assert await desk.socket.receive_nothing(timeout=0.2)
    assert await count() == 0


@pytest.mark.parametrize("origin", [b"https://evil.example", None])
async def test_a_foreign_page_is_refused_at_the_handshake(origin, beas):
    async with Desk(beas, origin) as desk:
        assert not desk.connected


async def test_a_line_is_acknowledged_and_heard_by_both_sides(chat, beas, bea):
    async with Desk(beas) as desk:
        welcome = await desk.hello()
        assert welcome["agent"] == {"id": bea.pk, "name": "Bea"}
        before = await desk.open(chat)
        heard = []
        visitor = hub.Mailbox(_keep(heard), _keep(heard))
        hub.current().join(visitor, f"i:{chat.pk}:customer")
        key = await desk.say(chat, "Bonjour Madame")
        ack = await desk.hear("ack")
        assert (ack["client_id"], ack["seq"]) == (key, before["seq"] + 1)
        frame = await desk.hear("message")
        assert frame["m"]["agent"]["id"] == bea.pk
        await asyncio.sleep(0.05)
        said = [json.loads(text) for text in heard]
        assert [f["m"]["text"] for f in said] == ["Bonjour Madame"]
        assert "id" not in said[0]["m"]["agent"]
        await desk.say(chat, "Bonjour Madame", client_id=key)
        assert (await desk.hear("ack"))["id"] == ack["id"]
        visitor.stop()
    assert await count() == 1


def _keep(heard):
    async def keep(text):
        heard.append(text)

    return keep


async def test_a_note_reaches_colleagues_only(chat, beas):
    async with Desk(beas) as desk:
        await desk.hello()
        await desk.open(chat)
        await desk.say(chat, "cliente fidèle", kind="note")
        assert (await desk.hear("message"))["m"]["kind"] == "note"
    frames = await sync_to_async(posting.frames_after)(chat, posting.CUSTOMER, 0)
    assert "fidèle" not in str(frames)


async def test_lines_keep_their_order(chat, beas):
    async with Desk(beas) as desk:
        await desk.hello()
        await desk.open(chat)
        for number in range(15):
            await desk.say(chat, str(number))
        heard = [(await desk.hear("message"))["m"]["text"] for _n in range(15)]
    assert heard == [str(number) for number in range(15)]


async def test_what_was_missed_comes_with_the_hello(chat, beas, bea):
    await sync_to_async(posting.post)(chat, author="agent", agent=bea, text="pendant la coupure")
    async with Desk(beas) as desk:
        await desk.send(t="hello", after={str(chat.pk): chat.staff_seq - 1})
        since = await desk.hear("since")
        assert [f["m"]["text"] for f in since["frames"]] == ["pendant la coupure"]
        assert since["seq"] == chat.staff_seq


async def test_an_agent_hears_nothing_of_other_queues(ada, beas, mobile_queue):
    other = await sync_to_async(interactions.open)("chat", ada, queue=mobile_queue)
    async with Desk(beas) as desk:
        await desk.hello()
        await desk.send(t="open", i=other.pk)
        assert (await desk.hear("error"))["code"] == "forbidden"
        await desk.say(other)
        assert (await desk.hear("error"))["code"] == "forbidden"
        await desk.send(t="since", i=other.pk, after=0)
        assert (await desk.hear("error"))["code"] == "forbidden"
    assert await count() == 0


@pytest.mark.parametrize("role", [roles.MANAGER, roles.AUDITOR])
async def test_managers_and_auditors_read_and_say_nothing(role, chat):
    paul = await sync_to_async(_staff)("Paul", "Roux", "paul@lumio.example", role)
    session = await sync_to_async(signed_in)(paul)
    async with Desk(session) as desk:
        assert (await desk.hello())["agent"] is None
        await desk.open(chat)
        await desk.say(chat)
        assert (await desk.hear("error"))["code"] == "forbidden"
        await desk.send(t="state", state="available")
        assert (await desk.hear("error"))["code"] == "forbidden"
    assert await count() == 0


async def test_the_socket_is_the_heartbeat_and_sets_the_state(bea, beas):
    async with Desk(beas) as desk:
        await desk.hello()
        await desk.send(t="ping")
        await desk.hear("pong")
        assert await Heartbeat.objects.filter(agent=bea).aexists()
        await desk.send(t="state", state="available")
        assert (await desk.hear("state"))["state"] == "available"
    now = await AgentState.objects.aget(agent=bea, until=None)
    assert now.state == AgentState.State.AVAILABLE


async def test_typing_and_reading_are_shown_and_typing_is_not_stored(chat, bea, beas, ada):
    async with Desk(beas) as desk:
        await desk.hello()
        since = await desk.open(chat)
        await desk.send(t="typing", i=chat.pk)
        assert await desk.hear("typing") == {
            "t": "typing",
            "i": chat.pk,
            "who": "agent",
            "name": "Bea",
            "agent": bea.pk,
        }
        await desk.send(t="read", i=chat.pk, seq=since["seq"])
        assert (await desk.hear("read"))["seq"] == since["seq"]


async def test_a_waiting_chat_finds_its_agent_with_its_first_line(ada, bea, box_queue, beas):
    await sync_to_async(presence.beat)(bea)
    waiting = await sync_to_async(factories.InteractionFactory)(customer=ada, queue=box_queue)
    await sync_to_async(presence.set_state)(bea, "available")
    line = posting.Line(waiting.pk, "customer", "Bonjour", "k1")
    assert isinstance(await writer.say(line), posting.Posted)
    for _try in range(100):
        await asyncio.sleep(0.02)
        await sync_to_async(waiting.refresh_from_db)()
        if waiting.status == Status.ACTIVE:
            break
    assert waiting.agent_id == bea.pk


async def test_a_locked_interaction_holds_up_nobody_else(chat, ada, box_queue, bea, beas):
    other = await sync_to_async(interactions.open)("chat", ada, queue=box_queue)
    with locked(chat) as release:
        async with Desk(beas) as desk:
            await desk.hello()
            await desk.open(chat)
            await desk.open(other)
            held = [await desk.say(chat, text) for text in ("un", "deux")]
            free = await desk.say(other, "libre")
            assert (await desk.hear("ack"))["client_id"] == free
            held.append(await desk.say(chat, "trois"))
            release.set()
            assert [(await desk.hear("ack"))["client_id"] for _n in held] == held


async def test_events_reach_the_desk_after_commit(beas, box_queue):
    def change():
        with transaction.atomic():
            events.push(f"queue:{box_queue.pk}", "interaction", i=1)
            events.push("desk", "interaction", i=1)

    async with Desk(beas) as desk:
        await desk.hello()
        await sync_to_async(change)()
        assert (await desk.hear("interaction"))["i"] == 1
        assert await desk.socket.receive_nothing(timeout=0.2)


async def test_colleagues_see_who_looks_at_the_same_exchange_and_customers_do_not(
    chat, bea, beas, carl
):
    carls = await sync_to_async(signed_in)(carl.user)
    async with Desk(beas) as desk, Desk(carls) as other:
        await desk.hello()
        await other.hello()
        await desk.send(t="look", i=chat.pk)
        assert (await desk.hear("error"))["code"] == "forbidden"
        await desk.open(chat)
        await other.open(chat)
        heard = []
        visitor = hub.Mailbox(_keep(heard), _keep(heard))
        hub.current().join(visitor, f"i:{chat.pk}:customer")
        await other.send(t="look", i=chat.pk, writing=True)
        seen = await desk.hear("look")
        assert (seen["user"], seen["name"], seen["writing"]) == (carl.user_id, "Carl", True)
        await other.send(t="leave", i=chat.pk)
        assert (await desk.hear("look"))["gone"]
        assert not heard
        visitor.stop()
