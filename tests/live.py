"""A demo of its own, for tests that need the whole product running."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent
START_SECONDS = 480.0


def clean_environment(**more: str) -> dict[str, str]:
    """Ours without what the test run itself stands on."""
    ours: tuple[str, ...] = (
        *("BRAVO_", "DATABASE_URL", "REDIS_URL", "VAR_DIR", "DJANGO_SETTINGS", "DB_POOL", "PORT"),
        *("CONSOLE_URL", "EXTRA_URLS", "SMTP_URL", "MAIL_", "SECRET_KEY"),
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    ours_too = {"BRAVO_SERVICES_FAST": "1", "BRAVO_SIMULATE": "0", "SOCKETS_A_MINUTE": "100000"}
    return kept | ours_too | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LiveDemo:
    """`manage.py demo` in its own VAR_DIR, at its own hour: what people start, nothing less."""

    def __init__(self, var: Path, *, now: str = "", scale: str = "0.15", port: int = 0) -> None:
        self.var = var
        self.port = port or free_port()
        self.output = var / "demo.out"
        self.environment = clean_environment(
            VAR_DIR=str(var), PORT=str(self.port), DEMO_SCALE=scale, BRAVO_NOW=now
        )
        if now:  # one clock for the demo and for what `manage` starts beside it
            ahead = datetime.fromisoformat(now).timestamp() - time.time()
            self.environment["BRAVO_NOW_OFFSET"] = str(ahead)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **options: Any) -> "LiveDemo":
        self.var.mkdir(parents=True, exist_ok=True)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"],
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                **options,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.runs():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"The demo did not start:\n{self.output.read_text()[-4000:]}")
            time.sleep(0.1)
        return self

    def runs(self) -> bool:
        """Ready, and it is ours that says so: a killed one leaves its word behind."""
        facts = self.facts()
        if self.process is None or self.process.poll() is not None:
            return False
        return facts.get("pid") == self.process.pid and bool(facts.get("ready"))

    def facts(self) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = json.loads((self.var / "demo.json").read_text())
        except (OSError, ValueError):
            return {}
        return facts

    def url(self, name: str) -> str:
        """demo, portal, shop, console, reports or catcher."""
        return str(self.facts()["addresses"][name])

    def link(self, role: str) -> str:
        """Signs in: agent, manager, administrator or customer."""
        return str(self.facts()["links"][role])

    def works(self, child: str) -> bool:
        """Whether it still runs; what has an end, such as the history, is listed afterwards too."""
        return Path(f"/proc/{self.facts()['children'][child]}").exists()

    def kill(self, child: str, number: int = signal.SIGKILL) -> int:
        """web, live, slow, beat…: the supervisor starts it again. Answers the killed number."""
        pid: int = self.facts()["children"][child]
        os.kill(pid, number)
        return pid

    def wait_answer(self, path: str = "/readyz", status: int = 200, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        got: object = "nothing"
        while time.monotonic() < deadline:
            with suppress(OSError, HTTPException):
                got = self.ask(path)
                if got == status:
                    return
            time.sleep(0.1)
        raise AssertionError(f"{path} answered {got}, not {status}, for {seconds} seconds")

    def ask(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def manage(self, *words: str) -> str:
        """What `manage.py` prints beside the running demo."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=BASE_DIR,
            env=self.environment | {"BRAVO_DEMO": "1", "PORTAL_URL": self.url("portal")[:-1]},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def stop(self, number: int = signal.SIGTERM) -> int:
        if not self.process:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(40)


def processes_of(folder: Path) -> list[str]:
    """Processes that work for this VAR_DIR: by their words, folder or environment."""
    wanted = str(folder)
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            stands = str((entry / "cwd").readlink())
            given = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
            if wanted in words or stands.startswith(wanted) or f"VAR_DIR={wanted}" in given:
                found.append(f"{entry.name} {words}".strip())
    return [line for line in found if not line.startswith(f"{os.getpid()} ")]


def wait_gone(folder: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while left := processes_of(folder):
        assert time.monotonic() < deadline, f"still there after {seconds} s: {left}"
        time.sleep(0.1)
