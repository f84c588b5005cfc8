"""Chats for a bench: who takes part, and their sockets."""

import asyncio
import random
import time
from collections.abc import Callable

import orjson

from bench._sockets import Socket, connect

TEXT = "Bonjour, ma télécommande ne répond plus depuis ce matin, que puis-je faire ? Merci"
PLACES = 3  # chats per agent
AT_ONCE = 50  # sockets being opened
Person = tuple[int, str, str]


def people(chats: int) -> list[Person]:
    """(interaction, visitor's token, agent's cookie) of new chats, three to an agent."""
    from django.contrib.sessions.backends.db import SessionStore

    from chat.models import Chat, Site
    from chat.services import tokens
    from crm import clock
    from crm.models import Agent, AgentSkill, Customer, Interaction, Queue, Schedule, User
    from crm.services import access

    def key() -> str:
        return f"{random.getrandbits(64):x}"

    schedule, _made = Schedule.objects.get_or_create(name="bench", defaults={"always_open": True})
    queue, _made = Queue.objects.get_or_create(
        slug="bench", defaults={"name_fr": "Bench", "schedule": schedule}
    )
    site, _made = Site.objects.get_or_create(
        key="bench", defaults={"name": "bench", "origins": ["http://localhost"]}
    )
    count = -(-chats // PLACES)
    users = User.objects.bulk_create(
        User(email=f"{key()}@bench.example", is_staff=True, password="!") for _n in range(count)
    )
    agents = Agent.objects.bulk_create(
        Agent(user=user, display_name="Bea", chat_places=PLACES) for user in users
    )
    AgentSkill.objects.bulk_create(AgentSkill(agent=agent, queue=queue) for agent in agents)
    cookies = []
    for user in users:
        session = SessionStore()
        session["_auth_user_id"] = str(user.pk)
        session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
        session["_auth_user_hash"] = user.get_session_auth_hash()
        session[access.DEMO_KEY] = True
        session.create()
        cookies.append(f"sessionid={session.session_key}")
    customers = Customer.objects.bulk_create(Customer(first_name="Ada") for _n in range(chats))
    rows = Interaction.objects.bulk_create(
        Interaction(
            channel="chat",
            status="active",
            agent=agents[number // PLACES],
            queue=queue,
            opened_at=clock.now(),
            customer=customer,
        )
        for number, customer in enumerate(customers)
    )
    made = Chat.objects.bulk_create(
        Chat(interaction=row, site=site, start_key=key()) for row in rows
    )
    return [
        (chat.pk, tokens.for_chat(chat), cookies[number // PLACES])
        for number, chat in enumerate(made)
    ]


class Pair:
    """One chat: its visitor's socket, and its agent's, which may serve two others too."""

    def __init__(self, i: int) -> None:
        self.i = i
        self.sent: dict[str, float] = {}
        self.visitor: Socket
        self.agent: Socket

    def say(self, turn: int) -> None:
        key = f"{self.i}.{turn}.{random.getrandbits(40):x}"
        self.sent[key] = time.perf_counter()
        frame = {"t": "say", "i": self.i, "client_id": key, "text": TEXT}
        (self.agent if turn % 2 else self.visitor).send(orjson.dumps(frame))


OnFrame = Callable[[Pair, str, dict], None]


class Stage:
    """Opens the sockets of all pairs and hands each side's frames on."""

    def __init__(self, on_frame: OnFrame) -> None:
        self.on_frame = on_frame
        self.pairs: dict[int, Pair] = {}
        self.agents: dict[str, Socket] = {}
        self.ready: set[tuple[str, int]] = set()

    def hearing(self, side: str) -> Callable[[bytes], None]:
        def heard(text: bytes) -> None:
            frame = orjson.loads(text)
            if frame["t"] == "error":
                raise RuntimeError(text.decode())
            if frame["t"] == "since":
                self.ready.add((side, frame["i"]))
            elif frame["t"] in ("ack", "message"):
                self.on_frame(self.pairs[frame["i"]], side, frame)

        return heard

    async def agent(self, port: int, cookie: str) -> Socket:
        if cookie not in self.agents:
            opened = await connect(port, "/ws/console/", self.hearing("agent"), cookie)
            opened.send(b'{"t":"hello"}')
            self.agents[cookie] = opened
        return self.agents[cookie]


async def open_all(port: int, people: list[Person], on_frame: OnFrame) -> list[Pair]:
    stage = Stage(on_frame)
    for i, token, cookie in people:
        pair = stage.pairs[i] = Pair(i)
        pair.visitor = await connect(port, "/ws/visitor/", stage.hearing("customer"))
        pair.visitor.send(orjson.dumps({"t": "hello", "token": token, "after": {}}))
        pair.agent = await stage.agent(port, cookie)
        pair.agent.send(orjson.dumps({"t": "open", "i": i, "after": 0}))
    async with asyncio.timeout(240):
        while len(stage.ready) < 2 * len(people):  # noqa: ASYNC110 (set by callbacks)
            await asyncio.sleep(0.05)
    return list(stage.pairs.values())


def close_all(pairs: list[Pair]) -> None:
    for pair in pairs:
        pair.visitor.close()
        pair.agent.close()
