"""Bytes to parts: our own splitter, because the limits are the point. Pure.

The standard library's parser recurses into nesting and its header objects are quadratic on
hostile lines; this one walks the bytes a bounded number of times and never recurses."""

import binascii
import re
from dataclasses import dataclass, field

from tickets.mail.headers import Headers, loose_base64, parameters

HEAD_LIMIT = 256 * 1024  # bytes of one head that are read
LINES_LIMIT = 1_000  # header lines of one head
PARTS_LIMIT = 1_000  # parts of one mail
DEPTH_LIMIT = 25  # multiparts inside one another; deeper ones stay closed
_NAME = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?$", re.MULTILINE)


@dataclass(slots=True)
class Part:
    """One entity: its head, and where its body lies in the mail's bytes."""

    headers: Headers
    body: bytes
    content_type: str
    params: dict[str, str]
    parent: "Part | None" = None
    disposition: str = ""
    disposition_params: dict[str, str] = field(default_factory=dict)
    children: list["Part"] = field(default_factory=list)

    @property
    def charset(self) -> str:
        return self.params.get("charset", "")

    @property
    def filename(self) -> str:
        name = self.disposition_params.get("filename") or self.params.get("name", "")
        return safe_name(name)

    @property
    def content_id(self) -> str:
        return self.headers.raw("content-id").strip("<> ")[:200]

    def content(self) -> bytes:
        """The body with its transfer encoding undone; unknown encodings leave it as it is."""
        how = self.headers.raw("content-transfer-encoding").strip("\"' ;").lower()
        if how == "base64":
            return loose_base64(self.body)
        if how == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if how in {"x-uuencode", "uuencode", "x-uue", "uue"}:
            found = uuencoded(self.body)
            return found[0][1] if found else self.body
        return self.body


def safe_name(name: str) -> str:
    """A file name and nothing else: no path, no control characters, at most 200 characters with
    the extension kept."""
    name = re.sub(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "", name)
    name = name.replace("\\", "/").rpartition("/")[2].strip(" .")
    if len(name) > 200:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[:180]}.{extension[:15]}" if dot else name[:200]
    return name


def read(raw: bytes) -> tuple[Part, bool]:
    """The mail's tree of parts, and whether a limit left something closed."""
    root = entity(raw, "text/plain")
    waiting = [(root, 0)]
    parts, cut = 1, False
    while waiting:
        part, depth = waiting.pop()
        if not part.content_type.startswith("multipart/"):
            continue
        if depth >= DEPTH_LIMIT:
            cut = True
            continue
        pieces = _pieces(part.body, part.params.get("boundary", ""), PARTS_LIMIT - parts)
        cut = cut or parts + len(pieces) >= PARTS_LIMIT
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        for piece in pieces:
            child = entity(piece, default)
            child.parent = part
            part.children.append(child)
            waiting.append((child, depth + 1))
        parts += len(pieces)
    return root, cut


def entity(raw: bytes, default: str) -> Part:
    head, body = _cut_head(raw)
    headers = Headers(_lines(head))
    kind, params = parameters(headers.raw("content-type"))
    if " " in kind:  # `multipart/mixed boundary=x`: the semicolon was forgotten
        kind, params = parameters(headers.raw("content-type").replace(" ", "; ", 1))
    if "/" not in kind:
        kind = {"text": "text/plain", "html": "text/html"}.get(kind, default)
    disposition, disposition_params = parameters(headers.raw("content-disposition"))
    return Part(
        headers,
        body,
        kind[:100],
        params,
        disposition=disposition,
        disposition_params=disposition_params,
    )


def _cut_head(raw: bytes) -> tuple[bytes, bytes]:
    if raw[:2] == b"\r\n":
        return b"", raw[2:]
    if raw[:1] == b"\n":
        return b"", raw[1:]
    match = _BLANK.search(raw, 0, HEAD_LIMIT * 8)
    if match is None:
        # no blank line: a head alone, or a body that never had one
        return (raw, b"") if _NAME.match(raw) else (b"", raw)
    return raw[: match.start()], raw[match.end() :]


def _lines(head: bytes) -> list[tuple[str, bytes]]:
    """Header lines with their folded continuations; what is no header line is passed over."""
    lines: list[tuple[str, list[bytes]]] = []
    for line in head[:HEAD_LIMIT].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            if lines:
                lines[-1][1].append(line)
        elif _NAME.match(line):
            if len(lines) >= LINES_LIMIT:
                break
            name, _colon, value = line.partition(b":")
            lines.append((name.strip().lower().decode("ascii", "replace"), [value.strip()]))
    return [(name, b"\n".join(values)) for name, values in lines]


def _pieces(body: bytes, boundary: str, limit: int) -> list[bytes]:
    """What lies between the boundary lines; the last piece may lack its closing line."""
    mark = b"--" + boundary.rstrip().encode("utf-8", "replace")[:200]
    if len(mark) < 3:
        return []
    pieces: list[bytes] = []
    start = _boundary_line(body, mark, 0)
    while start is not None and len(pieces) < limit:
        _line_start, content, closing = start
        if closing:
            break
        following = _boundary_line(body, mark, content)
        end = len(body) if following is None else following[0]
        pieces.append(_without_last_break(body[content:end]))
        start = following
    return pieces


def _boundary_line(body: bytes, mark: bytes, position: int) -> tuple[int, int, bool] | None:
    """(start of the line, start of what follows it, is it the closing one)."""
    while (found := body.find(mark, position)) >= 0:
        end = body.find(b"\n", found)
        end = len(body) if end < 0 else end
        rest = body[found + len(mark) : min(end, found + len(mark) + 200)].strip()
        if (found == 0 or body[found - 1 : found] in (b"\n", b"\r")) and rest in (b"", b"--"):
            return found, min(end + 1, len(body)), rest == b"--"
        position = found + len(mark)
    return None


def _without_last_break(piece: bytes) -> bytes:
    if piece.endswith(b"\r\n"):
        return piece[:-2]
    return piece[:-1] if piece.endswith(b"\n") else piece


def uuencoded(body: bytes, limit: int = 20) -> list[tuple[str, bytes]]:
    """Files that old programs wrote into the text: begin … end."""
    found: list[tuple[str, bytes]] = []
    for match in _UU_BEGIN.finditer(body):
        end = body.find(b"\nend", match.end())
        if end < 0 or len(found) >= limit:
            break
        lines = body[match.end() : end].splitlines()
        found.append((safe_name(match[1].decode("utf-8", "replace")), _uu_bytes(lines)))
    return found


def _uu_bytes(lines: list[bytes]) -> bytes:
    out = []
    for line in lines:
        if not line or line in (b"`", b" "):
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            # a known fault of old encoders: too many characters for the stated length
            wanted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out.append(binascii.a2b_uu(line[:wanted]))
            except binascii.Error:
                continue
    return b"".join(out)
