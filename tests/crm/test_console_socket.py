"""The agent's socket: who may enter, what they hear and say."""

import asyncio
import json
import uuid

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from config.asgi import application
from crm import events, hub
from crm.models import AgentState, Heartbeat, Message, Status
from crm.services import access, interactions, posting, presence, roles, writer
from tests import factories, hubs
from tests.locks import locked
from tests.people import _staff

pytestmark = pytest.mark.django_db(transaction=True)

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
async def _nothing_stays_open(transactional_db):
    yield
    await hubs.leave_nothing_open()


def signed_in(user):
    """A session of the demo's kind: what a second factor is, test_access tells."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[access.DEMO_KEY] = True
    session.create()
    return session


class Desk:
    """One open socket."""

    def __init__(self, session=None, origin=b"http://localhost"):
        headers = [(b"origin", origin), (b"host", b"localhost")] if origin else []
        if session is not None:
            headers.append((b"cookie", f"sessionid={session.session_key}".encode()))
        self.socket = WebsocketCommunicator(application, "/ws/console/", headers=headers)

    async def __aenter__(self):
        self.connected, _protocol = await self.socket.connect(timeout=20)
        return self

    async def __aexit__(self, *exc):
        await self.socket.disconnect(timeout=20)

    async def send(self, **frame):
        await self.socket.send_to(text_data=json.dumps(frame))

    async def hear(self, kind, **like):
        """The next frame of that kind; others are passed over."""
        while True:
            frame = json.loads(await self.socket.receive_from(timeout=20))
            if frame["t"] == kind and all(frame.get(k) == v for k, v in like.items()):
                return frame

    async def hello(self, **after):
        await self.send(t="hello", after=after)
        return await self.hear("welcome")

    async def open(self, interaction, after=0):
        await self.send(t="open", i=interaction.pk, after=after)
        return await self.hear("since", i=interaction.pk)

    async def say(self, interaction, text="Bonjour", **more):
        key = more.pop("client_id", str(uuid.uuid4()))
        await self.send(t="say", i=interaction.pk, client_id=key, text=text, **more)
        return key

    async def closed(self):
        while True:
            message = await self.socket.receive_output(timeout=20)
            if message["type"] == "websocket.close":
                return message["code"]


@pytest.fixture
def chat(ada, bea, box_queue):
    interaction = interactions.open("chat", ada, queue=box_queue)
    interactions.assign(interaction, bea)
    interaction.refresh_from_db()
    return interaction


@pytest.fixture
def beas(bea):
    return signed_in(bea.user)


count = sync_to_async(lambda: Message.objects.filter(author="agent").count())


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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "malformed"),
        ("[]", "malformed"),
        ("1", "malformed"),
        ('{"t":7}', "malformed"),
        ('{"t":"dance"}', "unknown"),
        ('{"t":"_close"}', "unknown"),
        ('{"t":"say","i":1}', "malformed"),
        ('{"t":"say","i":true,"client_id":"k","text":"x"}', "malformed"),
        ('{"t":"open","i":-1}', "malformed"),
        ('{"t":"open","i":99999999999999999999}', "malformed"),
        ('{"t":"hello","after":[]}', "malformed"),
        ('{"t":"state","state":"dancing"}', "malformed"),
        ('{"t":"say","i":1,"client_id":"k","text":"\\ud800"}', "malformed"),
        ('{"t":"ping","x":"' + "x" * 70_000 + '"}', "too_large"),
    ],
)
async def test_what_is_no_frame_is_answered_with_an_error(text, code, beas):
    async with Desk(beas) as desk:
        await desk.socket.send_to(text_data=text)
        assert (await desk.hear("error"))["code"] == code
        await desk.send(t="ping", extra="ignored")
        await desk.hear("pong")


async def test_bytes_are_malformed(beas):
    async with Desk(beas) as desk:
        await desk.socket.send_to(bytes_data=b"\xff")
        assert (await desk.hear("error"))["code"] == "malformed"


async def test_too_fast_and_too_large_lines_are_refused_with_their_key(chat, beas):
    async with Desk(beas) as desk:
        await desk.hello()
        await desk.open(chat)
        key = await desk.say(chat, "x" * 10_001)
        assert await desk.hear("error") == {
            "t": "error",
            "code": "too_large",
            "i": chat.pk,
            "client_id": key,
        }
        for number in range(25):
            await desk.say(chat, str(number))
        assert (await desk.hear("error"))["code"] == "too_fast"
        await desk.send(t="ping")
        await desk.hear("pong")


async def test_a_flood_of_bad_frames_ends_the_socket(beas):
    async with Desk(beas) as desk:
        for _number in range(60):
            await desk.socket.send_to(text_data="{")
        assert await desk.closed() == 4429


async def test_who_logs_out_is_closed_within_seconds(beas, monkeypatch):
    monkeypatch.setattr("crm.consumers.console._CHECK_SECONDS", 0.1)
    async with Desk(beas) as desk:
        await desk.hello()
        await desk.hear("ping")
        await sync_to_async(beas.flush)()
        assert await desk.closed() == 4401


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
