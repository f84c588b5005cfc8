"""Screens that missed something end where the others are."""

import random

import pytest

from crm.models import Message
from crm.services import posting
from crm.services.posting import CUSTOMER, STAFF
from tests.crm.lines import said

Author, Kind = Message.Author, Message.Kind


class Screen:
    """What a screen does with frames (transport.js, in short)."""

    def __init__(self):
        self.seq, self.messages = 0, {}

    def hear(self, frame):
        if frame["seq"] == self.seq + 1:
            self.apply(frame)

    def catch_up(self, answer):
        for frame in answer["frames"]:
            if frame["seq"] > self.seq:
                self.apply(frame)
        self.seq = max(self.seq, answer["seq"])

    def apply(self, frame):
        self.seq = frame["seq"]
        self.messages[frame["m"]["id"]] = frame["m"]


@pytest.mark.parametrize("audience", [STAFF, CUSTOMER])
@pytest.mark.parametrize("seed", range(6))
def test_frames_dropped_doubled_and_reordered_end_in_the_same_state(
    audience, seed, held, bea, shown, django_capture_on_commit_callbacks
):
    chance = random.Random(seed)
    with django_capture_on_commit_callbacks(execute=True):
        for turn in range(40):
            act = chance.random()
            mine = list(held.messages.filter(kind=Kind.TEXT, deleted_at=None))
            if act < 0.15 and mine:
                posting.edit(chance.choice(mine), f"autrement {turn}")
            elif act < 0.25 and mine:
                posting.delete(chance.choice(mine))
            elif act < 0.4:
                posting.post(held, author=Author.AGENT, agent=bea, kind=Kind.NOTE, text=f"n{turn}")
            else:
                posting.post_many([said(held, f"ligne {turn}")])
    group = f"i:{held.pk}:{audience}"
    live = [f for to, f in shown if to == group and f["t"] == "message"]
    whole = Screen()
    whole.catch_up(posting.catch_up(held.pk, audience, 0))
    torn = Screen()
    torn.catch_up({"frames": posting.frames_after(held, audience, 0)[:3], "seq": 0})
    received = [f for f in live for _copy in range(chance.choice([0, 1, 1, 2]))]
    for at in range(0, len(received) - 3, 3):
        received[at], received[at + 2] = received[at + 2], received[at]
    for frame in received:
        torn.hear(frame)
    torn.catch_up(posting.catch_up(held.pk, audience, torn.seq))
    assert torn.messages == whole.messages
    assert torn.seq == whole.seq


def test_a_screen_from_the_future_starts_from_nothing(chat):
    posting.post(chat, author=Author.CUSTOMER, text="Bonjour")
    answer = posting.catch_up(chat.pk, STAFF, 500)
    assert (answer["after"], answer["seq"], len(answer["frames"])) == (0, 1, 1)
