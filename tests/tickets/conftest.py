"""Mail's own fixtures: a mailbox, a real SMTP sink on loopback, and letters from tests/mails."""

import socket
import threading
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.tickets.token_server import TokenServer
from tickets.models import Mailbox
from tickets.services import consent

MAILS = Path(__file__).parent.parent / "mails"


def letter(name: str, **words: str) -> bytes:
    """A file of tests/mails, with `{{word}}` filled in."""
    raw = (MAILS / f"{name}.eml").read_bytes()
    for word, value in words.items():
        raw = raw.replace(b"{{" + word.encode() + b"}}", value.encode())
    return raw


@pytest.fixture(autouse=True)
def own_media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    """Nudges are lost in these tests: what must happen is found by the sweeps."""
    from tickets import receivers

    monkeypatch.setattr(receivers, "_nudge", lambda task, *arguments, seconds=0: None)


@pytest.fixture
def assistance(box_queue):
    return Mailbox.objects.create(
        address="assistance@lumio.example",
        name="Assistance Lumio",
        queue=box_queue,
        signature_fr="Le service client Lumio",
        signature_en="Lumio customer service",
    )


class Sink:
    """A real SMTP server that keeps what it gets, and refuses when told to."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answer.startswith("250"):
            self.mails.append((list(envelope.rcpt_tos), envelope.content))
        return self.answer


class FreePort(Controller):
    """The library proves itself by a connection; with port 0 it must look up which port it has."""

    def port_taken(self) -> int:
        return self.server.sockets[0].getsockname()[1]

    def _trigger_server(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port_taken()), 5) as client:
            client.recv(100)


@pytest.fixture
def sink(settings):
    catcher = Sink()
    controller = FreePort(catcher, hostname="127.0.0.1", port=0)
    controller.start()
    port = controller.port_taken()
    settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
    yield catcher
    controller.stop()


@pytest.fixture
def tokens(monkeypatch):
    server = TokenServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/token"
    monkeypatch.setattr(consent, "TOKEN_URLS", {"microsoft": url, "google": url})
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
