"""However a mail is mutilated: a result, in good time."""

import base64
import json
import os
import random
import time

import pytest

from tests.tickets import packs
from tests.tickets.conftest import MAILS
from tickets.mail.parse import _parse

# in eight pieces, which run beside one another
MAILS_IN_ALL = 100_000 if os.environ.get("BRAVO_PROVE") else 320
PIECES = 8
HEAD = b"From: Ada <ada@lenoir.example>\nTo: a@lumio.example\nMessage-ID: <1@x>\n"
TOKENS = (
    b"\n", b"\r\n\r\n", b"\x00", b"=", b"--b", b"--b--\n", b'"', b";", b"=?utf-8?b?4pyT?=", b"=?",
    b"Content-Type: multipart/mixed; boundary=b\n", b"Content-Transfer-Encoding: base64\n",
    b"Content-Type: message/rfc822\n\n", b"charset=utf-7", b"charset=iso-2022-jp\n", b"\x1b$B",
    b"begin 644 a\n", b"\nend\n", b"> ", b"<blockquote>", b"<![CDATA[", b"<!--", b"&#x110000;",
    b"filename*0*=utf-8''%ff", b"\xed\xa0\x80", b"\xff\xfe", b"On 1/1/2026 <a@b.c> wrote:\n",
)  # fmt: skip
SEEDS = [
    *(path.read_bytes() for path in sorted(MAILS.glob("*.eml"))),
    *(HEAD + b"\n" + path.read_bytes() for path in sorted((MAILS / "replies").glob("*.txt"))),
    HEAD + b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nhello\n--b\n"
    b"Content-Type: text/html; charset=utf-8\n\n<p>hi<br><b>there</b></p>\n--b--\n",
    HEAD + b"Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(packs.winmail()),
    HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
    + HEAD + b"Subject: =?iso-2022-jp?b?GyRCJDMbKEI=?=\n\nx\n--b\nContent-Type: text/calendar\n\n"
    b"BEGIN:VCALENDAR\n--b--\n",
]  # fmt: skip


def mutilated(chance: random.Random) -> bytes:
    raw = bytearray(chance.choice(SEEDS))
    for _change in range(chance.randrange(1, 12)):
        at, length = chance.randrange(len(raw) + 1), chance.choice([0, 1, 3, 40, 400])
        raw[at : at + length] = _instead(chance, bytes(raw[at : at + length]))
    return bytes(raw)


def _instead(chance: random.Random, was: bytes) -> bytes:
    other = chance.choice(SEEDS)
    start = chance.randrange(len(other))
    return chance.choice(
        [
            b"",
            was * 3,
            was[::-1],
            chance.choice(TOKENS) * chance.choice([1, 1, 50]),
            chance.randbytes(chance.randrange(1, 20)),
            other[start : start + chance.randrange(400)],
        ]
    )


@pytest.mark.parametrize("piece", range(PIECES))
def test_no_bytes_raise_anything(piece):
    for number in range(piece, MAILS_IN_ALL, PIECES):
        raw = mutilated(random.Random(number))
        began = time.process_time()
        mail = _parse(raw)
        assert time.process_time() - began < 2, number
        assert "\x00" not in json.dumps(mail.as_dict()), number
        (mail.text + mail.html + mail.reply_text + mail.subject).encode()
