"""Chat lines acknowledged per second and their delay, both directions, through the product's own
sockets under a real Daphne and a real uvicorn; beside a bare echo on the same server and a bare
INSERT."""

import asyncio
import os
import random
import time
from collections.abc import Callable, Iterator

from bench._server import cpu, server
from bench._sockets import Socket, connect
from bench._talks import TEXT, Pair, Person, close_all, open_all, people
from bench.figure import Figure

SIZE = float(os.environ.get("BENCH_SIZE", "1"))
SECONDS = max(2.0, 6.0 * SIZE)
CHATS = (50, 200, 1000)
PACE = 0.3  # lines a chat and second, both sides together, where delays are measured


def run() -> Iterator[Figure]:
    inserts = _inserts()
    for kind in ("daphne", "uvicorn"):
        with server(kind) as (port, process):
            for chats in CHATS:
                where = f"{chats} chats, {kind}"
                yield from _how_many(port, process.pid, chats, where, inserts)
                yield from _how_fast(port, chats, where)


def _how_many(port: int, pid: int, chats: int, where: str, inserts: float) -> Iterator[Figure]:
    echo = asyncio.run(_echo_rate(port, chats))
    lines, elapsed, used = asyncio.run(_line_rate(port, pid, people(chats)))
    rate = lines / elapsed
    yield Figure(rate, f"acknowledged lines/s, {where}", "bare echo/s", echo)
    yield Figure(rate, f"acknowledged lines/s, {where}", "bare INSERT/s", inserts)
    yield Figure(used / lines * 1e6, f"µs of server CPU a line, {where}", "budget", 500)


def _how_fast(port: int, chats: int, where: str) -> Iterator[Figure]:
    per_second = chats * PACE
    bare = asyncio.run(_echo_delays(port, chats, per_second))
    delays = asyncio.run(_line_delays(port, people(chats), per_second))
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        unit = f"ms {name} from screen to screen, {where}, {per_second:g} lines/s"
        yield Figure(_at(delays, share), unit, f"bare echo {name}", _at(bare, share))


def _at(delays: list[float], share: float) -> float:
    return sorted(delays)[min(len(delays) - 1, int(len(delays) * share))] * 1000


# -- how many


async def _line_rate(port: int, pid: int, who: list[Person]) -> tuple[int, float, float]:
    """Each chat has one line on its way, sides taking turns; counted when acknowledged. Returns
    the lines, the seconds, and the seconds of the server's CPU."""
    count, running = 0, True

    def on_frame(pair: Pair, side: str, frame: dict) -> None:
        nonlocal count
        if frame["t"] == "ack":
            count += 1
            if running:
                pair.say(count)

    pairs = await open_all(port, who, on_frame)
    began, used = time.perf_counter(), cpu(pid)
    for pair in pairs:
        pair.say(0)
    await asyncio.sleep(SECONDS)
    running, done, elapsed = False, count, time.perf_counter() - began
    used = cpu(pid) - used
    await asyncio.sleep(0.5)
    close_all(pairs)
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


async def _line_delays(port: int, who: list[Person], per_second: float) -> list[float]:
    """From one side's write to the other side's socket, lines arriving at random moments."""
    delays: list[float] = []

    def on_frame(pair: Pair, side: str, frame: dict) -> None:
        if frame["t"] == "message" and frame["m"]["author"] != side:
            sent = pair.sent.pop(frame["m"]["client_id"], None)
            if sent is not None:
                delays.append(time.perf_counter() - sent)

    pairs = await open_all(port, who, on_frame)
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
    close_all(pairs)
    if lost:
        raise RuntimeError(f"{lost} lines were not seen by the other side")
    return delays


async def _echo_delays(port: int, sockets: int, per_second: float) -> list[float]:
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
