"""The visitor's socket: one chat, each line once, nothing for strangers."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from chat.consumers import VisitorConsumer, guard
from chat.services import conversations, privacy, tokens
from crm import hub
from crm.models import Message
from crm.services import interactions, limits, posting, presence
from tests import hubs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def dial(transactional_db):
    limits.forget()
    opened = []

    async def call():
        socket = WebsocketCommunicator(VisitorConsumer.as_asgi(), "/ws/visitor/")
        opened.append(socket)
        assert (await socket.connect())[0]
        return socket

    yield call
    for socket in opened:
        if not socket.future.done():
            await socket.disconnect()
    await hubs.leave_nothing_open()


async def hello(socket, chat, after=0, **more):
    frame = {"t": "hello", "token": tokens.for_chat(chat), "after": {str(chat.pk): after}}
    await socket.send_json_to(frame | more)
    welcome, since = await socket.receive_json_from(5), await socket.receive_json_from(5)
    assert (welcome["t"], since["t"]) == ("welcome", "since")
    return welcome, since


async def until(socket, kind):
    while True:
        frame = await socket.receive_json_from(5)
        if frame["t"] == kind:
            return frame


async def test_the_welcome_names_the_agent_and_brings_what_was_said(chat, dial):
    welcome, since = await hello(await dial(), chat)
    assert welcome["agent"]["name"] == "Bea"
    assert [f["m"]["text"] for f in since["frames"] if f["m"]["kind"] == "text"] == ["Bonjour"]


async def test_after_a_lost_connection_the_same_line_is_stored_once(chat, dial):
    first = await dial()
    _welcome, since = await hello(first, chat)
    line = {"t": "say", "i": chat.pk, "client_id": "line-key-2", "text": "Elle marche à moitié"}
    await first.send_json_to(line)
    stored = await until(first, "ack")
    await first.disconnect()

    second = await dial()
    _welcome, missed = await hello(second, chat, after=since["seq"])
    assert [f["m"]["client_id"] for f in missed["frames"]] == ["line-key-2"]
    await second.send_json_to(line)
    assert (await until(second, "ack"))["id"] == stored["id"]
    count = Message.objects.filter(interaction=chat.pk, client_id="line-key-2").count
    assert await sync_to_async(count)() == 1


@pytest.mark.parametrize("token", ["", "x", "WzEsImJvdXRpcXVlIiwxXQ:1:forged"])
async def test_without_its_token_nobody_hears_anything(chat, dial, token):
    socket = await dial()
    await socket.send_json_to({"t": "hello", "token": token})
    assert (await socket.receive_json_from(5))["code"] == "forbidden"
    closed = await socket.receive_output(5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4401)


async def test_before_hello_nothing_is_said(chat, dial):
    socket = await dial()
    await socket.send_json_to({"t": "say", "i": chat.pk, "client_id": "line-key-9", "text": "x"})
    assert (await socket.receive_json_from(5))["code"] == "forbidden"


async def test_one_chats_token_says_nothing_in_another(chat, dial, shop, remote, new_visit):
    other = await sync_to_async(conversations.start)(
        shop,
        await sync_to_async(new_visit)(),
        conversations.Asking(key="start-key-2"),
        subject=remote,
        text="Mallory",
        client_id="line-key-1",
    )
    socket = await dial()
    await hello(socket, other)
    for frame in ({"t": "say", "client_id": "line-key-9", "text": "x"}, {"t": "since", "after": 0}):
        await socket.send_json_to({**frame, "i": chat.pk})
        assert (await until(socket, "error"))["code"] == "forbidden"
    texts = Message.objects.filter(interaction=chat.pk, text="x").exists
    assert not await sync_to_async(texts)()


async def test_a_token_of_another_site_is_refused(chat, dial):
    socket = await dial()
    await socket.send_json_to({"t": "hello", "token": tokens.for_chat(chat), "site": "portal"})
    assert (await socket.receive_json_from(5))["code"] == "forbidden"


async def test_the_token_of_an_erased_chat_is_found_out(chat, dial, monkeypatch):
    monkeypatch.setattr(guard, "SECONDS", 0.05)
    socket = await dial()
    await hello(socket, chat)
    await socket.send_json_to({"t": "ping"})
    assert await until(socket, "pong")
    await sync_to_async(privacy.erase)([chat.pk])
    assert (await until(socket, "error"))["code"] == "forbidden"
    closed = await socket.receive_output(5)
    assert (closed["type"], closed["code"]) == ("websocket.close", 4401)


async def test_the_last_line_is_changed_by_the_socket_that_said_it(chat, dial):
    socket = await dial()
    _welcome, since = await hello(socket, chat)
    (said,) = [f["m"] for f in since["frames"] if f["m"]["kind"] == "text"]
    change = {"t": "edit", "i": chat.pk, "id": said["id"], "text": "carte 4242 4242 4242 4242"}
    await socket.send_json_to(change)
    assert (await until(socket, "message"))["m"]["text"] == "carte •••• 4242"
    await socket.send_json_to({"t": "delete", "i": chat.pk, "id": said["id"] + 1000})
    assert (await until(socket, "error"))["code"] == "forbidden"


async def test_a_reader_that_is_too_slow_is_disconnected_and_catches_up(chat, dial):
    """The network takes nothing any more: its mailbox fills, and nobody else waits for it."""
    sent: list[dict] = []
    clogged, inbox = asyncio.Event(), asyncio.Queue()

    async def send(event):
        sent.append(event)
        if event.get("text", "").startswith('{"t":"message"'):
            await clogged.wait()

    slow = asyncio.create_task(
        VisitorConsumer.as_asgi()(
            {"type": "websocket", "path": "/ws/visitor/", "client": ["127.0.0.1", 1]},
            inbox.get,
            send,
        )
    )
    hello_frame = {"t": "hello", "token": tokens.for_chat(chat), "after": {str(chat.pk): 0}}
    inbox.put_nowait({"type": "websocket.connect"})
    inbox.put_nowait({"type": "websocket.receive", "text": json.dumps(hello_frame)})
    quick = await dial()
    _welcome, since = await hello(quick, chat)
    last = since["seq"]
    for first in range(0, hub.MAILBOX_FRAMES + 50, 50):
        await asyncio.to_thread(_say_many, chat, range(first, first + 50))
        for _line in range(50):  # who reads hears it all meanwhile
            last = (await until(quick, "message"))["seq"]
    assert ("websocket.close", hub.OVERFLOW) in [(e["type"], e.get("code")) for e in sent]
    inbox.put_nowait({"type": "websocket.disconnect", "code": hub.OVERFLOW})
    await slow
    heard = [json.loads(e["text"]) for e in sent if e["type"] == "websocket.send"]
    mine = max(f["seq"] for f in heard if f["t"] in ("message", "since"))
    assert mine < last
    again = await dial()
    missed: list[int] = []
    _welcome, answer = await hello(again, chat, after=mine)
    missed += [f["seq"] for f in answer["frames"]]
    while answer["more"]:
        await again.send_json_to({"t": "since", "i": chat.pk, "after": answer["seq"]})
        answer = await until(again, "since")
        missed += [f["seq"] for f in answer["frames"]]
    assert missed == list(range(mine + 1, last + 1))


def _say_many(chat, numbers):
    lines = [
        posting.Line(chat.pk, Message.Author.CUSTOMER, f"Ligne {n}", f"slow-key-{n}")
        for n in numbers
    ]
    posting.post_many(lines)


async def test_who_waits_hears_where_else_they_may_go(chat, dial, bea):
    await sync_to_async(presence.set_state)(bea, "break")
    await sync_to_async(interactions.transfer)(
        chat.interaction, by=bea, to_queue=chat.interaction.queue
    )
    welcome, _since = await hello(await dial(), chat)
    assert welcome["status"] == "waiting"
    assert [way["name"] for way in welcome["ways"]] == ["callback", "mail", "in_writing"]
    assert all("kept=" in way["url"] for way in welcome["ways"])
