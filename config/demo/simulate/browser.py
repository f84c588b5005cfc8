"""The public doors as a simulated person uses them: HTTP and sockets, from an address of their own.

Each person has one of 127.64.0.0/10, so that the limits count them as they count people."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from random import Random
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

T = TypeVar("T")
_SECONDS = 20.0
_MOST_REDIRECTS = 4
_PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 Safari/604.1"
_DESKTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_TABLET = "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Safari/604.1"


class Refused(Exception):
    """The door said no; the status says which."""

    def __init__(self, status: int, where: str) -> None:
        super().__init__(f"{where}: {status}")
        self.status = status


LOST = (OSError, WebSocketException, TimeoutError, asyncio.IncompleteReadError)
"""The server is away; what was meant is tried again."""


@dataclass(frozen=True)
class Answer:
    status: int
    heads: list[tuple[str, str]]
    body: bytes
    where: str = ""  # whose answer it is, after redirects

    def head(self, name: str) -> str:
        return next((value for key, value in self.heads if key == name), "")

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        return orjson.loads(self.body)


def device(rng: Random) -> str:
    """Phones 61 %, computers 33, tablets 6."""
    return rng.choices([_PHONE, _DESKTOP, _TABLET], [61, 33, 6])[0]


def address(rng: Random) -> str:
    return f"127.{rng.randint(64, 127)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


class Browser:
    """One person's: cookies by host, the language they read, where they came from."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        own_address: str = "127.0.0.1",
        agent: str = _DESKTOP,
        language: str = "fr",
        referrer: str = "",
    ) -> None:
        self.host, self.port = host, port
        self.address, self.agent = own_address, agent
        self.language, self.referrer = language, referrer
        self.cookies: dict[str, str] = {}

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    async def get(self, path: str) -> Answer:
        return await self._followed(await self._ask("GET", path))

    async def look(self, host: str, path: str) -> Answer:
        """A page of another site, whose cookies are none of ours."""
        other = Browser(host, self.port, own_address=self.address, agent=self.agent)
        return await other.get(path)

    async def post(self, path: str, **fields: str) -> Answer:
        """A form of a page."""
        body = urlencode(fields).encode()
        answer = await self._ask("POST", path, body, "application/x-www-form-urlencoded")
        return await self._followed(answer)

    async def send(self, path: str, data: dict[str, Any]) -> Any:
        """JSON, as scripts do; the answer's."""
        answer = await self._ask("POST", path, orjson.dumps(data), "application/json")
        return answer.json()

    def socket(self, path: str) -> connect:
        return connect(
            f"ws://{self.host}:{self.port}{path}",
            host="127.0.0.1",
            port=self.port,
            local_addr=(self.address, 0),
            origin=self.origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": self._cookies()},
            user_agent_header=self.agent,
            open_timeout=10,
            close_timeout=2,
            compression=None,
            proxy=None,
        )

    def _cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def _followed(self, answer: Answer) -> Answer:
        for _redirect in range(_MOST_REDIRECTS):
            if answer.status not in (301, 302, 303):
                break
            where = urlsplit(answer.head("location"))._replace(fragment="")
            answer = await self._ask("GET", where._replace(scheme="", netloc="").geturl())
        return answer

    async def _ask(self, verb: str, path: str, body: bytes = b"", kind: str = "") -> Answer:
        heads = {
            "Host": f"{self.host}:{self.port}",
            "User-Agent": self.agent,
            "Accept": "application/json" if kind.endswith("json") else "text/html, */*;q=0.5",
            "Accept-Language": self.language,
            "Referer": self.referrer,
            "Cookie": self._cookies(),
            "Connection": "close",
        }
        if body:
            heads |= {"Content-Type": kind, "Content-Length": str(len(body))}
        if verb == "POST":
            heads |= {"Origin": self.origin, "X-CSRFToken": self.cookies.get("csrftoken", "")}
        lines = [f"{name}: {value}" for name, value in heads.items() if value]
        asked = "\r\n".join([f"{verb} {path} HTTP/1.0", *lines, "", ""]).encode() + body
        async with asyncio.timeout(_SECONDS):
            answer = _read(await self._exchange(asked))
        for name, value in answer.heads:
            if name == "set-cookie":
                self.cookies |= {key: one.value for key, one in SimpleCookie(value).items()}
        if answer.status >= 400:
            raise Refused(answer.status, f"{verb} {path.partition('?')[0]}")
        return replace(answer, where=path)

    async def _exchange(self, asked: bytes) -> bytes:
        """HTTP 1.0: the answer ends where the connection does."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(self.address, 0)
        )
        try:
            writer.write(asked)
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()


def _read(raw: bytes) -> Answer:
    head, end, body = raw.partition(b"\r\n\r\n")
    if not end:
        raise ConnectionError("no answer")
    first, *rest = head.decode("latin-1").split("\r\n")
    heads = [(name.lower(), value.strip()) for name, _, value in (h.partition(":") for h in rest)]
    answer = Answer(int(first.split()[1]), heads, body)
    if len(body) < int(answer.head("content-length") or 0):
        raise ConnectionError("half an answer")
    return answer


async def insist(work: Callable[[], Awaitable[T]], *, seconds: float = 90.0) -> T:
    """What may be asked twice, until the server is there to answer."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            return await work()
        except LOST:
            if asyncio.get_running_loop().time() > until:
                raise
        except Refused as refused:
            late = asyncio.get_running_loop().time() > until
            if late or (refused.status < 500 and refused.status != 429):
                raise
        await asyncio.sleep(1.0)
