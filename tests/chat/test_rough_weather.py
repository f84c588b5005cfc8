"""Many sockets of one chat, and frames that nobody of good will would send: an error each, and the
conversation goes on."""

import json

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from chat.consumers import VisitorConsumer
from chat.models import Site
from chat.services import tokens
from crm.consumers import base
from crm.models import Message
from crm.services import limits
from tests import hubs

pytestmark = pytest.mark.django_db(transaction=True)


class Screen:
    """One tab or device: what it has heard, in the order in which it came."""

    def __init__(self, chat):
        self.chat = chat
        self.socket = WebsocketCommunicator(VisitorConsumer.as_asgi(), "/ws/visitor/")
        self.passed_over = []

    async def opens(self, after=0):
        assert (await self.socket.connect())[0]
        after = {str(self.chat.pk): after}
        await self.sends(t="hello", token=tokens.for_chat(self.chat), after=after)
        return await self.hears("since")

    async def sends(self, raw=None, **frame):
        await self.socket.send_to(text_data=raw or json.dumps(frame))

    async def says(self, key, text):
        await self.sends(t="say", i=self.chat.pk, client_id=key, text=text)
        return await self.hears("ack", "error")

    async def hears(self, *kinds):
        for frame in self.passed_over:
            if frame["t"] in kinds:
                self.passed_over.remove(frame)
                return frame
        while True:
            frame = await self.socket.receive_json_from(5)
            if frame["t"] in kinds:
                return frame
            self.passed_over.append(frame)


@pytest.fixture
async def screen(chat):
    limits.forget()
    opened = []

    def make():
        opened.append(Screen(chat))
        return opened[-1]

    yield make
    for one in opened:
        if not one.socket.future.done():
            await one.socket.disconnect()
    await hubs.leave_nothing_open()


async def test_two_tabs_and_a_phone_show_one_conversation(screen, chat):
    tab, other, phone = [screen() for _screen in range(3)]
    last = (await tab.opens())["seq"]
    await other.opens()
    await phone.opens()
    assert (await tab.says("key-tab-1", "De l’onglet"))["seq"] == last + 1
    assert (await phone.says("key-phone-1", "Du téléphone"))["seq"] == last + 2
    # the tab's line was lost on its way back, and another tab says it again for it
    assert (await other.says("key-tab-1", "De l’onglet"))["seq"] == last + 1
    for one in (tab, other, phone):
        heard = [await one.hears("message") for _line in range(2)]
        assert [frame["m"]["text"] for frame in heard] == ["De l’onglet", "Du téléphone"]
    count = Message.objects.filter(interaction=chat.pk, client_id="key-tab-1").count
    assert await sync_to_async(count)() == 1


HOSTILE = [
    ("{", "malformed"),
    ("[]", "malformed"),
    ('{"t": 7}', "malformed"),
    ('{"t": "nonsense"}', "unknown"),
    ('{"t": "say", "i": "1", "client_id": "x", "text": "y"}', "malformed"),
    ('{"t": "say", "i": -1, "client_id": "x", "text": "y"}', "malformed"),
    ('{"t": "say", "i": 1e400, "client_id": "x", "text": "y"}', "malformed"),
    ('{"t": "since", "i": 9007199254740993, "after": 0}', "malformed"),
    ('{"t": "read", "i": 999999, "seq": 1}', "forbidden"),
    ('{"t": "page", "i": 999999, "url": "x", "title": "y"}', "forbidden"),
    ('{"t": "say", "text": "' + "x" * base.MOST_BYTES + '"}', "too_large"),
]


async def test_each_frame_that_cannot_be_used_is_answered_and_the_chat_goes_on(screen, chat):
    tab = screen()
    stand = (await tab.opens())["seq"]
    for text, code in HOSTILE:
        await tab.sends(text)
        assert (await tab.hears("error"))["code"] == code, text[:60]
    await tab.socket.send_to(bytes_data=b"\x00\xff")
    assert (await tab.hears("error"))["code"] == "malformed"
    assert (await tab.says("key-long", "x" * 10_001))["code"] == "too_large"
    assert (await tab.says("key-empty", " \n "))["code"] == "malformed"
    # a screen that stands ahead of the server, as after a restored backup, is told everything anew
    await tab.sends(t="since", i=chat.pk, after=stand + 1000)
    anew = await tab.hears("since")
    assert anew["reset"]
    assert anew["seq"] == stand
    assert (await tab.says("key-good", "Je suis encore là"))["t"] == "ack"


async def test_a_line_too_fast_is_refused_by_its_key_and_taken_when_it_is_said_again(
    screen, chat, monkeypatch
):
    monkeypatch.setattr(VisitorConsumer, "lines_pace", (3, 3600.0))
    tab = screen()
    await tab.opens()
    answers = [await tab.says(f"key-fast-{n}", f"Ligne {n}") for n in range(4)]
    assert [answer["t"] for answer in answers] == ["ack", "ack", "ack", "error"]
    assert (answers[3]["code"], answers[3]["client_id"]) == ("too_fast", "key-fast-3")
    later = screen()  # with a pace of its own
    await later.opens()
    assert (await later.says("key-fast-3", "Ligne 3"))["seq"] == answers[2]["seq"] + 1
    stored = Message.objects.filter(interaction=chat.pk, client_id__startswith="key-fast")
    keys = stored.order_by("pk").values_list("client_id", flat=True)
    found = await sync_to_async(lambda: list(keys))()
    assert found == [f"key-fast-{n}" for n in range(4)]


async def test_a_flood_of_nonsense_ends_the_socket_and_the_next_one_stands_where_it_was(
    screen, monkeypatch
):
    monkeypatch.setattr(base, "_MOST_FAULTS", 5)
    tab = screen()
    await tab.opens()
    seq = (await tab.says("key-before", "Avant"))["seq"]
    for _frame in range(6):
        await tab.sends("{")
    while (event := await tab.socket.receive_output(5))["type"] != "websocket.close":
        pass
    assert event["code"] == base.FLOOD
    assert (await screen().opens(after=seq))["frames"] == []


async def test_what_is_being_written_is_read_only_where_the_site_says_so_and_by_staff_only(
    screen, chat, monkeypatch
):
    shown = []
    monkeypatch.setattr("crm.services.writer.show", shown.extend)
    for allowed in (False, True):
        await sync_to_async(Site.objects.update)(shows_unsent=allowed)
        tab = screen()
        await tab.opens()
        await tab.sends(t="typing", i=chat.pk, text="Ma carte 4242 4242 4242 4242")
        await tab.sends(t="ping")
        await tab.hears("pong")
    texts = {group: frame.get("text") for group, frame in shown}
    before = [frame.get("text") for _group, frame in shown[:2]]
    assert before == [None, None]
    assert texts == {f"i:{chat.pk}:staff": "Ma carte •••• 4242", f"i:{chat.pk}:customer": None}
