"""A websocket client that costs next to nothing, so that the server is what is measured."""

import asyncio
import base64
import os
import struct
from collections.abc import Callable

Heard = Callable[[bytes], None]


class Socket(asyncio.Protocol):
    """Text frames out (masked with zeros), text frames in to `heard`."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._rest = b""
        self._shaken = False

    def connection_made(self, transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._rest += data
        if not self._shaken:
            head, end, self._rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._shaken = True
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.opened.set_exception(ConnectionError(head.decode()))
                return
            self.opened.set_result(None)
        self._frames()

    def _frames(self) -> None:
        data, at = self._rest, 0
        while len(data) - at >= 2:
            size, start = data[at + 1] & 127, at + 2
            if size == 126:
                size, start = struct.unpack_from(">H", data, start)[0], start + 2
            elif size == 127:
                size, start = struct.unpack_from(">Q", data, start)[0], start + 8
            if start + size > len(data):
                break
            kind, payload = data[at] & 15, data[start : start + size]
            at = start + size
            if kind == 1:
                self.heard(payload)
            elif kind == 9:
                self._write(0x8A, payload)
        self._rest = data[at:]

    def send(self, text: bytes) -> None:
        self._write(0x81, text)

    def _write(self, head: int, payload: bytes) -> None:
        size = len(payload)
        length = bytes([128 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
        self.transport.write(bytes([head]) + length + b"\0\0\0\0" + payload)

    def close(self) -> None:
        self.transport.close()


async def connect(port: int, path: str, heard: Heard, cookie: str = "") -> Socket:
    loop = asyncio.get_running_loop()
    _transport, socket = await loop.create_connection(lambda: Socket(heard), "127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "Origin: http://localhost",
    ]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    socket.transport.write("\r\n".join([*lines, "", ""]).encode())
    await asyncio.wait_for(socket.opened, 30)
    return socket
