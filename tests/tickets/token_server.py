"""A token server on loopback, as Microsoft's and Google's."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs


class TokenServer(HTTPServer):
    """Answers what it is told to, and keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.answer: tuple[int, dict[str, str]] = (200, {})
        self.asked: list[dict[str, str]] = []


class _Answer(BaseHTTPRequestHandler):
    server: TokenServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append({name: value[0] for name, value in parse_qs(body).items()})
        code, said = self.server.answer
        self.send_response(code)
        self.end_headers()
        self.wfile.write(json.dumps(said).encode())

    def log_message(self, *_arguments) -> None:
        pass
