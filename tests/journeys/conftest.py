"""Journeys: the whole product, as `make demo` starts it, in a real browser.

Its hour is Sunday 17:00 in Paris. What shares an xdist worker shares a demo; there are three (the
groups below), since what costs time here is waiting.
"""

import os
import re
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect, sync_playwright

from config import embedded
from tests import protocol
from tests.live import LiveDemo

# Waits end when the thing is there; the limit is for slow machines.
expect.set_options(timeout=30_000)

SUNDAY = "2026-11-22T17:00:00+01:00"
_SHELL, _WHOLE = "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"
CHROMIUM = _SHELL if os.access(_SHELL, os.X_OK) else _WHOLE  # the same engine, at half the cost
FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    # Chromium knows *.localhost by itself; ::1, which it tries first, is not ours.
    "--host-resolver-rules=MAP *.localhost 127.0.0.1",
]
HERE = Path(__file__).parent
_GROUPS = {
    "test_pages.py": "pages",
    "test_sunday.py": "stories",
    "test_ten_minutes.py": "stories",
    "test_with_people.py": "stories",
}
_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group(_GROUPS.get(item.path.name, "journeys")))


@pytest.fixture(scope="session")
def live() -> Iterator[LiveDemo]:
    """The running demo: `live.url("portal")`, `live.link("agent")`, `live.kill("web")`."""
    with tempfile.TemporaryDirectory(prefix="bravo-live-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)  # root's servers run as `nobody`, who must be able to pass
        scale = os.environ.get("DEMO_SCALE", "0.15")
        demo = LiveDemo(folder, now=os.environ.get("BRAVO_NOW", SUNDAY), scale=scale)
        try:
            yield demo.start()
        finally:
            demo.stop()
            embedded.release(folder)
            embedded.remove(folder)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Per module: Playwright's loop must be gone before another test wants its own.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


FRAMES = 5_000


class Window:
    """One person's browser, with what went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self.allowed: list[str] = []  # patterns of problems that a journey brings about
        self.checked = 0
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("response", self._response)
        page.on("websocket", self._socket)

    def _console(self, message: object) -> None:
        if getattr(message, "type", "") == "error":
            where = getattr(message, "location", {}).get("url", "")
            self.problems.append(f"console: {getattr(message, 'text', '')} {where}")

    def _response(self, response: object) -> None:
        status = getattr(response, "status", 0)
        if status >= 400:
            self.problems.append(f"{status}: {getattr(response, 'url', '')}")

    def _socket(self, socket: WebSocket) -> None:
        who = "console" if "/ws/console/" in socket.url else "visitor"
        socket.on("framesent", lambda text: self._frame(f"{who}_sends", text))
        socket.on("framereceived", lambda text: self._frame(f"{who}_hears", text))

    def _frame(self, side: str, text: str | bytes) -> None:
        """Against the protocol's schema; where hundreds write at once, the first thousands only:
        checking is slower than the server, and would be what the journey measures."""
        self.checked += 1
        if self.checked <= FRAMES and (fault := protocol.fault(side, text)):
            self.problems.append(f"frame: {fault}")

    def words(self) -> str:
        """What can be read in it, frames included."""
        return "\n".join(
            frame.evaluate("() => document.body?.innerText || ''") for frame in self.page.frames
        )

    def unexpected(self) -> list[str]:
        return [
            problem
            for problem in self.problems
            if not any(re.search(pattern, problem) for pattern in self.allowed)
        ]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture
def open_window(
    browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Window]]:
    """A new person's browser: `open_window(width=390, language="en", scheme="dark").page`.

    At the end no window may have logged an error, unless the journey `allowed` it. Take
    screenshots with caret="initial": the default injects a style that our CSP refuses.
    """
    windows: list[Window] = []

    def make(
        width: int = 1440,
        height: int = 900,
        language: str = "fr",
        scheme: str = "light",
        **options: object,
    ) -> Window:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale={"fr": "fr-FR", "en": "en-GB"}[language],
            color_scheme=scheme,  # type: ignore[arg-type]
            timezone_id="Europe/Paris",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(60_000)
        windows.append(Window(context.new_page()))
        return windows[-1]

    yield make
    if request.node.stash.get(_FAILED, False):
        for window in windows:
            sys.stdout.write(f"\n-- {window.page.url}\n{window.words()}\n")  # what they saw
    problems = [problem for window in windows for problem in window.unexpected()]
    for window in windows:
        window.page.context.close()
    assert not problems, problems
