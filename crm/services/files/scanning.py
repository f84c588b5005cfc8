"""A virus scanner's word on files, where one is configured (CLAMD): nobody is given a file before
it, and nobody an infected one."""

import logging
import socket
import struct
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import File
from django.db.models import Model, QuerySet

from crm.models import Attachment

Scan = Attachment.Scan
log = logging.getLogger(__name__)
_SECONDS = 20
_PIECE = 1 << 16
_AT_ONCE = 100


def before(content: "bytes | File[Any]") -> str:
    """The state of a file that is about to be stored: asked now, since somebody waits for it."""
    return ask(content) if settings.CLAMD else Scan.NONE


def later() -> str:
    """The state of a file that many others come with: the sweep asks."""
    return Scan.PENDING if settings.CLAMD else Scan.NONE


def ask(content: "bytes | File[Any]") -> str:
    """CLEAN or INFECTED; PENDING when the scanner gives no answer."""
    try:
        answer = _instream(content)
    except OSError as error:
        log.warning("no answer from the virus scanner: %s", error)
        return Scan.PENDING
    if answer.endswith("FOUND"):
        return Scan.INFECTED
    if answer.endswith("OK"):
        return Scan.CLEAN
    log.warning("the virus scanner says %r", answer[:200])
    return Scan.PENDING


def settle(rows: Iterable[Any]) -> None:
    """Ask about those that still wait: attachments, or an app's own rows with the same `file`,
    `sha256` and `scan`. What is infected is kept out by its state: `opened` does not give it, and
    no mail takes it along."""
    for row in rows:
        if row.scan != Scan.PENDING or not row.file:
            continue
        with row.file.open("rb") as content:
            row.scan = ask(content)
        if row.scan != Scan.PENDING:
            same = waiting(type(row)).filter(sha256=row.sha256)
            same.update(scan=row.scan)


def waiting(model: type[Model] = Attachment) -> QuerySet[Any]:
    return model._default_manager.filter(scan=Scan.PENDING).order_by("pk")


def sweep(model: type[Model] = Attachment) -> int:
    """Files whose scan is still to come; without a scanner any more, they go as they are."""
    if not settings.CLAMD:
        return waiting(model).update(scan=Scan.NONE)
    rows = list(waiting(model)[:_AT_ONCE])
    settle(rows)
    return sum(row.scan != Scan.PENDING for row in rows)


def _pieces(content: "bytes | File[Any]") -> Iterator[bytes]:
    if isinstance(content, bytes):
        return (content[at : at + _PIECE] for at in range(0, len(content), _PIECE))
    return content.chunks(_PIECE)


def _instream(content: "bytes | File[Any]") -> str:
    """clamd's INSTREAM: pieces with their length before them, an empty one at the end."""
    with _connect(settings.CLAMD) as line:
        line.sendall(b"zINSTREAM\0")
        for piece in filter(None, _pieces(content)):
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (more := line.recv(4096)):
            answer += more
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _connect(address: str) -> socket.socket:
    """tcp://host:3310 or unix:///run/clamav/clamd.ctl."""
    parts = urlsplit(address)
    if parts.scheme == "unix":
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(_SECONDS)
        line.connect(parts.path)
        return line
    return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), _SECONDS)
