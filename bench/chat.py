"""Chat lines acknowledged per second and their delay, both directions, through the product's own
sockets under a real Daphne; beside a bare echo on the same server and a bare INSERT."""

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterator

import orjson

from bench._server import cpu, server
from bench._sockets import Socket, connect
from bench.figure import Figure

SIZE = float(os.environ.get("BENCH_SIZE", "1"))
SECONDS = max(2.0, 6.0 * SIZE)
TEXT = "Bonjour, ma télécommande ne répond plus depuis ce matin, que puis-je faire ? Merci"
PLACES = 3  # chats per agent


def run() -> Iterator[Figure]:
    inserts = _inserts()
    with server() as (port, process):
        for chats in (50, 200):
            echo = asyncio.run(_echo_rate(port, chats))
            lines, elapsed, used = asyncio.run(_line_rate(port, process.pid, _people(chats)))
            rate, cost = lines / elapsed, used / lines * 1e6
            yield Figure(rate, f"acknowledged lines/s, {chats} chats", "bare echo/s", echo)
            if chats == 50:
                yield Figure(rate, "acknowledged lines/s, 50 chats", "bare INSERT/s", inserts)
            yield Figure(cost, f"µs of server CPU a line, {chats} chats", "budget", 500)
        bare = asyncio.run(_echo_delays(port, 200, 60))
        for per_second in (60, 300):
            delays = asyncio.run(_line_delays(port, _people(200), per_second))
            for name, share in (("p50", 0.5), ("p99", 0.99)):
                unit = f"ms {name} from screen to screen, 200 chats, {per_second} lines/s"
                yield Figure(_at(delays, share), unit, f"bare echo {name}", _at(bare, share))


def _at(delays: list[float], share: float) -> float:
    return sorted(delays)[min(len(delays) - 1, int(len(delays) * share))] * 1000


# -- who takes part


def _people(chats: int) -> list[tuple[int, str, str]]:
    """(interaction, visitor's token, agent's cookie) of new chats, three to an agent."""
    from django.contrib.sessions.backends.db import SessionStore

    from chat.models import Chat, Site
    from chat.services import tokens
    from crm import clock
    from crm.models import Agent, AgentSkill, Customer, Interaction, Queue, Schedule, User
    from crm.services import access

    schedule, _made = Schedule.objects.get_or_create(name="bench", defaults={"always_open": True})
    queue, _made = Queue.objects.get_or_create(
        slug="bench", defaults={"name_fr": "Bench", "schedule": schedule}
    )
    site, _made = Site.objects.get_or_create(key="bench", defaults={"name": "bench"})
    found, cookie, agent = [], "", None
    for number in range(chats):
        if number % PLACES == 0:
            user = User(email=f"{random.getrandbits(64):x}@bench.example", is_staff=True)
            user.set_unusable_password()
            user.save()
            agent = Agent.objects.create(user=user, display_name="Bea", chat_places=PLACES)
            AgentSkill.objects.create(agent=agent, queue=queue)
            session = SessionStore()
            session["_auth_user_id"] = str(user.pk)
            session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
            session["_auth_user_hash"] = user.get_session_auth_hash()
            session[access.DEMO_KEY] = True
            session.create()
            cookie = f"sessionid={session.session_key}"
        interaction = Interaction.objects.create(
            channel="chat",
            status="active",
            agent=agent,
            queue=queue,
            opened_at=clock.now(),
            customer=Customer.objects.create(first_name="Ada"),
        )
        chat = Chat.objects.create(
            interaction=interaction, site=site, start_key=f"{random.getrandbits(64):x}"
        )
        found.append((interaction.pk, tokens.for_chat(chat), cookie))
    return found


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


async def _open(port: int, people: list[tuple[int, str, str]], on_frame: OnFrame) -> list[Pair]:
    stage = Stage(on_frame)
    for i, token, cookie in people:
        pair = stage.pairs[i] = Pair(i)
        pair.visitor = await connect(port, "/ws/visitor/", stage.hearing("customer"))
        pair.visitor.send(orjson.dumps({"t": "hello", "token": token, "after": {}}))
        pair.agent = await stage.agent(port, cookie)
        pair.agent.send(orjson.dumps({"t": "open", "i": i, "after": 0}))
    async with asyncio.timeout(60):
        while len(stage.ready) < 2 * len(people):  # noqa: ASYNC110 (set by callbacks)
            await asyncio.sleep(0.05)
    return list(stage.pairs.values())


def _close(pairs: list[Pair]) -> None:
    for pair in pairs:
        pair.visitor.close()
        pair.agent.close()


# -- how many


async def _line_rate(
    port: int, pid: int, people: list[tuple[int, str, str]]
) -> tuple[int, float, float]:
    """Each chat has one line on its way, sides taking turns; counted when acknowledged. Returns
    the lines, the seconds, and the seconds of the server's CPU."""
    count, running = 0, True

    def on_frame(pair: Pair, side: str, frame: dict) -> None:
        nonlocal count
        if frame["t"] == "ack":
            count += 1
            if running:
                pair.say(count)

    pairs = await _open(port, people, on_frame)
    began, used = time.perf_counter(), cpu(pid)
    for pair in pairs:
        pair.say(0)
    await asyncio.sleep(SECONDS)
    running, done, elapsed = False, count, time.perf_counter() - began
    used = cpu(pid) - used
    await asyncio.sleep(0.5)
    _close(pairs)
    return done, elapsed, used


async def _echo_rate(port: int, sockets: int) -> float:
    count, running = 0, True
    opened: list[Socket] = []

    def hearing(number: int) -> Callable[[bytes], None]:
        def heard(text: bytes) -> None:
            nonlocal count
            count += 1
            if running:
                opened[number].send(text)

        return heard

    for number in range(sockets):
        opened.append(await connect(port, "/echo/", hearing(number)))
    began = time.perf_counter()
    for one in opened:
        one.send(TEXT.encode())
    await asyncio.sleep(SECONDS / 2)
    running, rate = False, count / (time.perf_counter() - began)
    for one in opened:
        one.close()
    return rate


# -- how fast


async def _line_delays(
    port: int, people: list[tuple[int, str, str]], per_second: int
) -> list[float]:
    """From one side's write to the other side's socket, lines arriving at random moments."""
    delays: list[float] = []

    def on_frame(pair: Pair, side: str, frame: dict) -> None:
        if frame["t"] == "message" and frame["m"]["author"] != side:
            sent = pair.sent.pop(frame["m"]["client_id"], None)
            if sent is not None:
                delays.append(time.perf_counter() - sent)

    pairs = await _open(port, people, on_frame)
    chance, turn = random.Random(1), 0
    due = time.perf_counter()
    end = due + SECONDS
    while due < end:
        due += chance.expovariate(per_second)
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        turn += 1
        chance.choice(pairs).say(turn)
    await asyncio.sleep(1.0)
    lost = sum(len(pair.sent) for pair in pairs)
    _close(pairs)
    if lost:
        raise RuntimeError(f"{lost} lines were not seen by the other side")
    return delays


async def _echo_delays(port: int, sockets: int, per_second: int) -> list[float]:
    delays: list[float] = []

    def heard(text: bytes) -> None:
        delays.append(time.perf_counter() - float(text))

    opened = [await connect(port, "/echo/", heard) for _n in range(sockets)]
    chance = random.Random(1)
    end = time.perf_counter() + SECONDS / 2
    while time.perf_counter() < end:
        await asyncio.sleep(chance.expovariate(per_second))
        chance.choice(opened).send(repr(time.perf_counter()).encode())
    await asyncio.sleep(0.2)
    for one in opened:
        one.close()
    return delays


# -- what it is held against


def _inserts() -> float:
    """Single-row INSERTs, each committed, one connection, a table like Message's."""
    from django.db import connection

    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_line (id bigserial PRIMARY KEY, i bigint, seq int,"
            " key text UNIQUE, text text, at timestamptz DEFAULT now())"
        )
        count, end = 0, time.perf_counter() + SECONDS / 3
        began = time.perf_counter()
        while time.perf_counter() < end:
            cursor.execute(
                "INSERT INTO bench_line (i, seq, key, text) VALUES (%s, %s, %s, %s)",
                (count % 50, count, f"{count}", TEXT),
                prepare=True,
            )
            count += 1
        rate = count / (time.perf_counter() - began)
        cursor.execute("DROP TABLE bench_line")
    return rate
