"""A virus scanner of our own, on loopback."""

import socket
import struct
import threading

import pytest


class Clamd:
    """Speaks INSTREAM on loopback: whatever holds EICAR is infected."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                line, _from = self.listening.accept()
            except OSError:
                return
            with line, line.makefile("rb") as stream:
                stream.read(len(b"zINSTREAM\0"))
                content = b""
                while size := struct.unpack(">I", stream.read(4))[0]:
                    content += stream.read(size)
                found = b"EICAR" in content
                line.sendall(b"stream: Eicar-Signature FOUND\0" if found else b"stream: OK\0")


@pytest.fixture
def clamd(settings):
    server = Clamd()
    settings.CLAMD = server.address
    yield server
    server.listening.close()
