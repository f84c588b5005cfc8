"""Whether a DKIM signature (relaxed/relaxed, rsa-sha256) holds, as a stranger's mail server reads
RFC 6376. It shares nothing with the code that signs; the mail of RFC 8463 proves it."""

import base64
import hashlib
import re
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

_FIELD = re.compile(rb"([^\s:]+)[ \t]*:((?:.*\r\n)(?:[ \t].*\r\n)*)")
_PROOF = re.compile(rb"(\bb[ \t]*=)[^;]*")  # the signature is signed with its own value left out


def holds(raw: bytes, record: Callable[[str], str]) -> bool:
    """`record` gives the TXT record of a name."""
    head, _gap, body = raw.partition(b"\r\n\r\n")
    fields = [match.groups() for match in _FIELD.finditer(head + b"\r\n")]
    signature = next(value for name, value in fields if name.lower() == b"dkim-signature")
    tags = _tags(signature.decode())
    if base64.b64encode(hashlib.sha256(_body(body)).digest()).decode() != tags["bh"]:
        return False
    chosen = _chosen(fields, tags["h"].lower().split(":"))
    signed = b"".join(_field(name, value) + b"\r\n" for name, value in chosen)
    signed += _field(b"dkim-signature", _PROOF.sub(rb"\1", signature))
    published = _tags(record(f"{tags['s']}._domainkey.{tags['d']}"))["p"]
    key = serialization.load_der_public_key(base64.b64decode(published))
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(base64.b64decode(tags["b"]), signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _tags(text: str) -> dict[str, str]:
    pairs = (piece.partition("=") for piece in re.sub(r"\s", "", text).split(";"))
    return {name: value for name, _equals, value in pairs}


def _chosen(fields: list[tuple[bytes, ...]], names: list[str]) -> list[tuple[bytes, ...]]:
    """Each name takes the lowest field not taken yet; one with none left signs its absence."""
    left = fields[:]
    chosen = []
    for name in names:
        for at in reversed(range(len(left))):
            if left[at][0].lower() == name.encode():
                chosen.append(left.pop(at))
                break
    return chosen


def _field(name: bytes, value: bytes) -> bytes:
    return name.lower() + b":" + re.sub(rb"[ \t\r\n]+", b" ", value).strip()


def _body(body: bytes) -> bytes:
    lines = re.sub(rb"[ \t]+", b" ", body).replace(b" \r\n", b"\r\n")
    return re.sub(rb"(?:\r\n)*\Z", b"\r\n", lines, count=1) if lines.strip() else b""
