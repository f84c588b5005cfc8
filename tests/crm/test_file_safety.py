"""Files are looked at for viruses where there is a scanner, and lose where a photo was taken."""

import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.models import Attachment, Message
from crm.services import files
from crm.services.files import stripping
from tests import factories

VIRUS = b"%PDF-1.4 EICAR"


@pytest.fixture
def exchange(db, settings, tmp_path, ada, bea):
    settings.MEDIA_ROOT = tmp_path
    return factories.InteractionFactory(customer=ada, channel="chat", agent=bea, status="active")


def say(exchange, content=b"%PDF-1.4 x", key="file0001"):
    file = SimpleUploadedFile("x.pdf", content)
    return files.say(exchange, author=Message.Author.CUSTOMER, file=file, client_id=key)


def test_an_infected_file_is_refused_and_nothing_is_stored(exchange, clamd):
    with pytest.raises(files.Refused, match="infected"):
        say(exchange, VIRUS)
    assert not Attachment.objects.exists()
    assert not exchange.messages.exists()
    assert say(exchange).attachments.get().scan == "clean"


def test_without_the_scanners_word_nobody_is_given_it(exchange, settings, clamd):
    working, settings.CLAMD = settings.CLAMD, "tcp://127.0.0.1:9"
    row = say(exchange, VIRUS).attachments.get()
    assert row.scan == "pending"
    assert Client().get(files.link(row)).status_code == 403
    assert files.scan_waiting() == 0
    settings.CLAMD = working
    assert files.scan_waiting() == 1
    row.refresh_from_db()
    assert row.scan == "infected"
    assert Client().get(files.link(row)).status_code == 403


def test_without_a_scanner_files_go_as_they_did(exchange):
    row = say(exchange).attachments.get()
    assert row.scan == ""
    assert Client().get(files.link(row)).status_code == 200


# --- where a photo was taken ------------------------------------------------------------------


def jpeg(*segments: tuple[int, bytes]) -> bytes:
    body = b"".join(
        b"\xff" + bytes([mark]) + struct.pack(">H", len(data) + 2) + data for mark, data in segments
    )
    return b"\xff\xd8" + body + b"\xff\xda\x00\x02PIXELS\xff\xd9"


def exif(orientation: int) -> bytes:
    """Little endian, its orientation, and a GPS block."""
    tags = struct.pack("<HHHII", 2, 0x0112, 3, 1, orientation)
    tags += struct.pack("<HHII", 0x8825, 4, 1, 99) + struct.pack("<I", 0)
    return b"Exif\x00\x00II*\x00" + struct.pack("<I", 8) + tags + b"GPS 48.1173N"


def test_a_photo_loses_its_place_and_keeps_its_side_up():
    photo = jpeg((0xE0, b"JFIF\x00"), (0xE1, exif(6)), (0xED, b"Photoshop Rennes"), (0xDB, b"q"))
    kept = files.without_place("image/jpeg", photo)
    assert b"GPS" not in kept
    assert b"Rennes" not in kept
    assert kept.endswith(b"PIXELS\xff\xd9")
    assert b"JFIF" in kept
    order = kept.index(b"Exif\x00\x00") + 6
    assert struct.unpack_from(">HHIH", kept, order + 10) == (0x0112, 3, 1, 6)
    assert stripping.without_place("image/jpeg", kept) == kept


def test_png_and_webp_lose_what_they_say_beside_the_picture():
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"eXIf", b"GPS") + chunk(b"IDAT", b"x") + chunk(b"IEND", b"")
    assert b"GPS" not in files.without_place("image/png", png)
    assert b"IDAT" in files.without_place("image/png", png)
    inside = b"VP8X" + struct.pack("<I", 10) + b"\x0c" + b"\0" * 9 + b"EXIF" + struct.pack("<I", 4)
    webp = b"RIFF" + struct.pack("<I", len(inside) + 12) + b"WEBP" + inside + b"GPS!"
    webp += b"VP8 " + struct.pack("<I", 2) + b"px"
    kept = files.without_place("image/webp", webp)
    assert b"GPS" not in kept
    assert kept[20] == 0
    assert struct.unpack_from("<I", kept, 4)[0] == len(kept) - 8


def heic(words: bytes, method: int = 0) -> bytes:
    """A picture, and its EXIF in the file (0) or beside the table of places (1)."""

    def box(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data) + 8) + name + data

    def entry(item: int, kind: bytes) -> bytes:
        return box(b"infe", b"\x02\0\0\0" + struct.pack(">HH4s", item, 0, kind) + b"\0")

    def meta(shift: int) -> bytes:
        places = b"\x01\0\0\0" + b"\x44\0" + struct.pack(">H", 2)
        for item, at, size in ((1, 0, 6), (2, 6 * (not method), len(words))):
            inside = method if item == 2 else 0
            start = at if inside else at + shift
            places += struct.pack(">HHHHII", item, inside, 0, 1, start, size)
        items = b"\0\0\0\0" + struct.pack(">H", 2) + entry(1, b"hvc1") + entry(2, b"Exif")
        own = box(b"idat", words) if method else b""
        return box(b"meta", b"\0\0\0\0" + box(b"iloc", places) + box(b"iinf", items) + own)

    start = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    head = start + meta(len(start) + len(meta(0)) + 8)
    return head + box(b"mdat", b"PIXELS" + (b"" if method else words))


@pytest.mark.parametrize("method", [0, 1])
def test_a_phones_heic_loses_its_place_and_nothing_else_moves(method):
    photo = heic(b"\0\0\0\x06" + exif(1), method)
    kept = files.without_place("image/heic", photo)
    assert files.kind_of(photo) == "image/heic"
    assert b"GPS" in photo
    assert b"GPS" not in kept
    assert b"II*" not in kept
    assert (len(kept), kept.count(b"PIXELS")) == (len(photo), 1)
    for cut in range(len(photo)):
        assert isinstance(files.without_place("image/heic", photo[:cut]), bytes)


@pytest.mark.parametrize("torn", [b"", b"\xff\xd8", jpeg((0xE1, exif(1)))[:30], b"RIFF1234WEBPxx"])
def test_what_is_torn_stays_as_it_is(torn):
    for kind in ("image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf"):
        assert isinstance(files.without_place(kind, torn), bytes)
