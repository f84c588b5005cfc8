"""A chat, and what its screens are shown."""

import pytest

from crm import hub
from crm.services import interactions


@pytest.fixture
def chat(ada, box_queue):
    return interactions.open("chat", ada, queue=box_queue)


@pytest.fixture
def held(chat, bea):
    """A chat that Bea has."""
    interactions.assign(chat, bea)
    chat.refresh_from_db()
    return chat


@pytest.fixture
def shown(monkeypatch):
    """The frames that left for the screens, as (group, frame)."""
    left = []

    def publish(frames):
        left.extend((group, frame) for groups, frame in frames for group in groups)

    monkeypatch.setattr(hub, "publish", publish)
    return left
