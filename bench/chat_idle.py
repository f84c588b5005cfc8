"""What it costs that people have the chat open and say nothing: memory and processor time of 5,000
sockets, beside a bare echo's on the same server; and a page with the widget beside a bare answer.
"""

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection

import orjson

from bench._server import cpu, memory, server
from bench._sockets import Socket, connect
from bench._talks import AT_ONCE, Person, people
from bench.figure import Figure

SIZE = float(os.environ.get("BENCH_SIZE", "1"))
SOCKETS = int(5000 * SIZE)
SECONDS = 20.0  # in which each page pings once
PAGES = 100
Hello = Callable[[Socket, int], None]


def run() -> Iterator[Figure]:
    made = people(SOCKETS)
    for kind in ("daphne", "uvicorn"):
        with server(kind) as (port, process):
            # each kind of socket in a server of its own: memory is not given back
            bare = asyncio.run(_idle(port, process.pid, "/echo/", _nothing))
        with server(kind) as (port, process):
            ours = asyncio.run(_idle(port, process.pid, "/ws/visitor/", _greets(made)))
            name = f"{SOCKETS} idle sockets, {kind}"
            yield Figure(ours[0] / 1024, f"KiB a socket, {name}", "bare echo", bare[0] / 1024)
            yield Figure(ours[1] * 100, f"% of a core, {name}", "bare echo", bare[1] * 100)
            page, answer = _page(port, process.pid, made[0])
            yield Figure(page, f"ms of CPU, a page with the widget, {kind}", "/healthz", answer)


def _nothing(socket: Socket, number: int) -> None:
    """An echo needs no greeting."""


def _greets(made: list[Person]) -> Hello:
    def hello(socket: Socket, number: int) -> None:
        socket.send(orjson.dumps({"t": "hello", "token": made[number][1], "after": {}}))

    return hello


async def _idle(port: int, pid: int, path: str, hello: Hello) -> tuple[float, float]:
    """Bytes a socket, and the share of a core that all of them take while each pings once."""
    heard = 0

    def count(text: bytes) -> None:
        nonlocal heard
        heard += 1

    opened: list[Socket] = []
    began = memory(pid)
    for first in range(0, SOCKETS, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, SOCKETS))
        new = await asyncio.gather(*(connect(port, path, count) for _n in numbers))
        for number, socket in zip(numbers, new, strict=True):
            hello(socket, number)
        opened += new
    await asyncio.sleep(3.0)  # the last greetings are answered
    grown = memory(pid) - began
    used, start = cpu(pid), time.perf_counter()
    for number, socket in enumerate(opened):
        due = start + SECONDS * number / SOCKETS
        if (wait := due - time.perf_counter()) > 0.01:
            await asyncio.sleep(wait)
        socket.send(b'{"t":"ping"}')
    share = (cpu(pid) - used) / (time.perf_counter() - start)
    await asyncio.sleep(1.0)  # the last ones are answered
    if heard < SOCKETS:
        raise RuntimeError(f"{heard} answers of {SOCKETS}")
    for socket in opened:
        socket.close()
    return grown / SOCKETS, share


def _page(port: int, pid: int, one: Person) -> tuple[float, float]:
    """A page view: the frame, and what its button says. The scripts are in the browser already."""
    asked = json.dumps({"site": "bench", "lang": "fr", "url": "http://localhost/", "seconds": 0})
    host = f"localhost:{port}"
    headers = {"Host": host, "Origin": f"http://{host}", "Content-Type": "application/json"}

    def ask(connection: HTTPConnection, *request: object) -> None:
        connection.request(*request)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {body[:200]!r}")

    def cost(*requests: tuple) -> float:
        connection = HTTPConnection("127.0.0.1", port)
        used = cpu(pid)
        for _page in range(PAGES):
            for request in requests:
                ask(connection, *request)
        return (cpu(pid) - used) / PAGES * 1000

    page = (
        ("GET", "/widget/frame/bench/", None, headers),
        ("POST", "/widget/visit", asked, headers),
    )
    cost(*page)  # the first one loads what all need
    return cost(*page), cost(("GET", "/healthz", None, headers))
