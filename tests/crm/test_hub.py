"""Frames reach every process' sockets, and nothing waits for Redis."""

import asyncio
import time
from typing import Any

import pytest
import redis
import redis.asyncio
from django.conf import settings

from crm import hub
from tests import hubs

pytestmark = pytest.mark.django_db


@pytest.fixture
async def ears():
    """`ears(*groups)`: a socket in these groups, as the list of what it heard."""
    opened = []

    def listen(*groups):
        heard = []

        async def send(text):
            heard.append(text)

        async def close(code):
            heard.append(code)

        mailbox = hub.Mailbox(send, close)
        hub.current().join(mailbox, *groups)
        opened.append(mailbox)
        return heard

    yield listen
    for mailbox in opened:
        mailbox.stop()
    await hubs.shut_down()


@pytest.fixture(autouse=True)
def bus(monkeypatch):
    """A client of this test's own, whatever Redis it finds."""
    fresh = hub._Bus()
    monkeypatch.setattr(hub, "_bus", fresh)
    yield fresh
    if fresh._client is not None:
        fresh._client.close()


async def until(condition, seconds=20):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def from_another_process(text="hello"):
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.publish(hub._channel(), f'elsewhere.1\ndesk,agent:1\t{{"t":"{text}"}}')


async def test_a_frame_goes_to_its_groups_once_per_socket(ears):
    both, desk, other = ears("desk", "agent:1"), ears("desk"), ears("agent:2")
    await asyncio.to_thread(hub.publish, [(("desk", "agent:1"), {"t": "x"}), ("desk", {"t": "y"})])
    await until(lambda: len(both) == 2 and len(desk) == 2)
    assert both == desk == ['{"t":"x"}', '{"t":"y"}']
    assert other == []


async def test_other_processes_are_heard_and_our_own_echo_is_not(ears):
    heard = ears("desk")
    await asyncio.wait_for(hub.current().listening.wait(), 20)
    await asyncio.to_thread(hub.publish, [("desk", {"t": "mine"})])
    await asyncio.to_thread(from_another_process)
    await until(lambda: '{"t":"hello"}' in heard)
    assert heard == ['{"t":"mine"}', '{"t":"hello"}']


def _cut_subscriptions(client):
    """Ours only: the other workers of the test run have theirs on the same server."""
    ours = str(client.connection_pool.connection_kwargs.get("db", 0))
    for one in client.client_list(_type="pubsub"):
        if one["db"] == ours:
            client.client_kill_filter(_id=one["id"])


async def test_after_a_lost_subscription_every_socket_catches_up(ears):
    heard = ears("desk")
    await asyncio.wait_for(hub.current().listening.wait(), 20)
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        await asyncio.to_thread(_cut_subscriptions, client)
    await until(lambda: hub.AGAIN in heard)
    await asyncio.to_thread(from_another_process, "later")
    await until(lambda: '{"t":"later"}' in heard)


async def test_without_redis_this_process_is_served_and_nothing_waits(ears, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    heard = ears("desk")
    began = time.monotonic()
    for number in range(200):
        hub.publish([("desk", {"t": "x", "n": number})])
    assert time.monotonic() - began < 2
    await until(lambda: len(heard) == 200)


async def test_when_redis_is_back_everybody_catches_up(ears, settings, monkeypatch, bus):
    monkeypatch.setattr(hub, "_AWAY_SECONDS", 0.2)
    there = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    await asyncio.to_thread(hub.publish, [("desk", {"t": "lost"})])
    heard = []
    settings.REDIS_URL = there
    async with redis.asyncio.Redis.from_url(there) as client, client.pubsub() as other:
        await other.subscribe(hub._channel())
        bus._client = None
        async with asyncio.timeout(20):
            while not any(text.endswith(f"*\t{hub.AGAIN}") for text in heard):
                message = await other.get_message(ignore_subscribe_messages=True, timeout=1)
                heard += [message["data"].decode()] if message else []
    await until(lambda: not bus._repairing)


async def test_a_slow_reader_is_closed_and_holds_up_nobody(ears):
    blocked = asyncio.Event()
    closed = []

    async def never(text):
        await blocked.wait()

    async def close(code):
        closed.append(code)

    slow = hub.Mailbox(never, close)
    hub.current().join(slow, "desk")
    quick = ears("desk")
    for number in range(hub.MAILBOX_FRAMES + 2):
        hub.publish([("desk", {"t": "x", "n": number})])
        await asyncio.sleep(0)
    await until(lambda: closed == [hub.OVERFLOW])
    await until(lambda: len(quick) == hub.MAILBOX_FRAMES + 2)
    hub.current().leave(slow)


async def test_a_frame_that_is_no_json_breaks_nothing(ears, caplog):
    broken: dict[Any, Any] = {"t": "x", 1: object()}
    hub.publish([("desk", broken)])
    assert "no JSON" in caplog.text
