"""The public doors without a screen: HTTP on 127.0.0.1, by host name."""

import http.client
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import orjson


class Refused(Exception):
    """The door said no; the status says which."""


@dataclass
class Door:
    """One browser without a screen: keeps cookies, names its host."""

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    def get(self, path: str) -> Any:
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: str) -> Any:
        return self._ask("POST", path, urlencode(fields).encode())

    def headers(self) -> dict[str, str]:
        """What a socket's handshake carries."""
        pairs = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": pairs}

    def _ask(self, verb: str, path: str, body: bytes | None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {
            "Host": f"{self.host}:{self.port}",
            "Accept": "application/json, text/html",
            "Origin": self.origin,
            **self.headers(),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-CSRFToken"] = self.cookies.get("csrftoken", "")
        try:
            connection.request(verb, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        if answer.status >= 400:
            raise Refused(f"{verb} {path.split('?')[0]}: {answer.status}")
        kind = answer.headers.get("Content-Type", "")
        return orjson.loads(content) if kind.startswith("application/json") else content
