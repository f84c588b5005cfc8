"""What every test may use: the cast here, services and the network guard in tests/services.py."""

import pytest
import redis
from django.conf import settings

from crm.services import limits, wording
from tests import protocol
from tests.people import *  # noqa: F403 (the fixed cast, fixtures by name)
from tests.scanner import clamd  # noqa: F401 (a fixture by name)
from tests.schema import *  # noqa: F403 (the test database's tables)
from tests.services import refuse_network

refuse_network()


@pytest.fixture(autouse=True)
def _frames_fit_their_schemas(monkeypatch):
    """Whatever a socket of ours sends in any test, docs/protocol.v1.json has it."""
    from crm.consumers import SocketConsumer

    faults: list[str] = []
    send = SocketConsumer._send_text

    async def checked(self: SocketConsumer, text: str) -> None:
        side = "console_hears" if self.audience == "staff" else "visitor_hears"
        if fault := protocol.fault(side, text):
            faults.append(fault)
        await send(self, text)

    monkeypatch.setattr(SocketConsumer, "_send_text", checked)
    yield
    assert not faults


@pytest.fixture(autouse=True)
def _no_rules_of_the_test_before():
    wording.forget()


@pytest.fixture
def fresh_limits():
    """Nobody has asked for anything yet, in Redis as in this process."""
    limits.forget()
    client = redis.Redis.from_url(settings.REDIS_URL)
    if keys := list(client.scan_iter("limit:*")):
        client.delete(*keys)
    client.close()
