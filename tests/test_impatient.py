"""Readers who leave before their page is there take nothing along."""

import asyncio
import threading
from contextlib import suppress

from asgiref.sync import sync_to_async
from django.core.signals import request_finished
from django.http import HttpResponse

from config import asgi

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/healthz",
    "query_string": b"",
    "headers": [(b"host", b"127.0.0.1")],
}


def test_a_page_that_the_server_kills_still_gives_its_connection_back(monkeypatch) -> None:
    """Which Django does when the request is finished."""
    works, goes_on, finished = threading.Event(), threading.Event(), threading.Event()

    def view(_request) -> None:
        works.set()
        assert goes_on.wait(20)

    def heard(**_facts: object) -> None:
        finished.set()

    monkeypatch.setattr(asgi.pages, "get_response_async", _through(view))
    request_finished.connect(heard)
    try:
        asyncio.run(_reads_and_leaves(works, goes_on))
    finally:
        request_finished.disconnect(heard)
    assert finished.is_set()


def _through(view):
    async def respond(request) -> HttpResponse:
        await sync_to_async(view)(request)
        return HttpResponse()

    return respond


async def _reads_and_leaves(works, goes_on) -> None:
    left = asyncio.Event()
    told = iter([{"type": "http.request", "body": b""}])

    async def receive():
        if (first := next(told, None)) is not None:
            return first
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(_message) -> None:
        """Nobody listens any more."""

    page = asyncio.create_task(asgi.application(SCOPE, receive, send))
    assert await asyncio.to_thread(works.wait, 20)
    left.set()
    page.cancel()  # as Daphne does, ten seconds after its reader has left
    with suppress(asyncio.CancelledError):
        await page
    goes_on.set()
    await asyncio.gather(*asgi._answering)
