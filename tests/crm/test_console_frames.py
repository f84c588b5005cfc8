"""Frames of the agent's socket that are none, too many or too large."""
# ruff: noqa: F811 (an imported fixture is "redefined" by whoever asks for it)

import pytest
from asgiref.sync import sync_to_async

from tests.crm.desk_socket import Desk, _nothing_stays_open, beas, chat  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "malformed"),
        ("[]", "malformed"),
        ("1", "malformed"),
        ('{"t":7}', "malformed"),
        ('{"t":"dance"}', "unknown"),
        ('{"t":"_close"}', "unknown"),
        ('{"t":"say","i":1}', "malformed"),
        ('{"t":"say","i":true,"client_id":"k","text":"x"}', "malformed"),
        ('{"t":"open","i":-1}', "malformed"),
        ('{"t":"open","i":99999999999999999999}', "malformed"),
        ('{"t":"hello","after":[]}', "malformed"),
        ('{"t":"state","state":"dancing"}', "malformed"),
        ('{"t":"say","i":1,"client_id":"k","text":"\\ud800"}', "malformed"),
        ('{"t":"ping","x":"' + "x" * 70_000 + '"}', "too_large"),
    ],
)
async def test_what_is_no_frame_is_answered_with_an_error(text, code, beas):
    async with Desk(beas) as desk:
        await desk.socket.send_to(text_data=text)
        assert (await desk.hear("error"))["code"] == code
        await desk.send(t="ping", extra="ignored")
        await desk.hear("pong")


async def test_bytes_are_malformed(beas):
    async with Desk(beas) as desk:
        await desk.socket.send_to(bytes_data=b"\xff")
        assert (await desk.hear("error"))["code"] == "malformed"


async def test_too_fast_and_too_large_lines_are_refused_with_their_key(chat, beas):
    async with Desk(beas) as desk:
        await desk.hello()
        await desk.open(chat)
        key = await desk.say(chat, "x" * 10_001)
        assert await desk.hear("error") == {
            "t": "error",
            "code": "too_large",
            "i": chat.pk,
            "client_id": key,
        }
        for number in range(25):
            await desk.say(chat, str(number))
        assert (await desk.hear("error"))["code"] == "too_fast"
        await desk.send(t="ping")
        await desk.hear("pong")


async def test_a_flood_of_bad_frames_ends_the_socket(beas):
    async with Desk(beas) as desk:
        for _number in range(60):
            await desk.socket.send_to(text_data="{")
        assert await desk.closed() == 4429


async def test_who_logs_out_is_closed_within_seconds(beas, monkeypatch):
    monkeypatch.setattr("crm.consumers.console._CHECK_SECONDS", 0.1)
    async with Desk(beas) as desk:
        await desk.hello()
        await desk.hear("ping")
        await sync_to_async(beas.flush)()
        assert await desk.closed() == 4401
