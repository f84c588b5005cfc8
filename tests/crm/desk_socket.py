"""The agent's socket as tests hold it: `Desk`, and the fixtures of whoever speaks to it."""

import json
import uuid

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from config.asgi import application
from crm.models import Message
from crm.services import access, interactions
from tests import hubs

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
