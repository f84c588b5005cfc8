"""A DKIM signature (RFC 6376, rsa-sha256, relaxed/relaxed) on what leaves by SMTP."""

import base64
import hashlib
import logging
import re
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tickets.mail import compose
from tickets.models import Mail, SigningKey

log = logging.getLogger(__name__)

# what a reader sees, and what says which mail it is; the rest may be changed on the way
_SIGNED = (
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "content-transfer-encoding", "list-unsubscribe",
    "list-unsubscribe-post",
)  # fmt: skip
_ONCE = ("from", "to", "cc", "reply-to", "subject", "date")  # nobody may add another one
_BLANKS = re.compile(rb"[ \t]+")


def header(mail: Mail, raw: bytes) -> bytes:
    """The line to write before these bytes; empty where its domain has no key in use."""
    domain = compose.our_domain(mail.from_email)
    key = SigningKey.objects.filter(domain=domain, is_active=True).first()
    if key is None:
        return b""
    if not key.private_key:
        log.warning("the DKIM key of %s cannot be read: its mails leave unsigned", domain)
        return b""
    return signature(raw, domain, key.selector, key.private_key, int(time.time()))


def signature(raw: bytes, domain: str, selector: str, private_key: str, at: int) -> bytes:
    """The `DKIM-Signature` of a mail whose lines end with CRLF."""
    head, _gap, body = raw.partition(b"\r\n\r\n")
    fields = _fields(head)
    names = [name for name in _SIGNED if name in fields]
    tags = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector};\r\n"
        f" t={at}; h={':'.join([*names, *_ONCE])};\r\n"
        f" bh={_base64(hashlib.sha256(_relaxed_body(body)).digest())};\r\n b="
    ).encode()
    signed = b"".join(fields[name] + b"\r\n" for name in names) + _relaxed_field(tags)[1]
    key = serialization.load_pem_private_key(private_key.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("a DKIM key is an RSA key here")
    proof = _base64(key.sign(signed, padding.PKCS1v15(), hashes.SHA256()))
    lines = [proof[start : start + 72] for start in range(0, len(proof), 72)]
    return tags + "\r\n ".join(lines).encode() + b"\r\n"


def _fields(head: bytes) -> dict[str, bytes]:
    """By name; ours write each of them once."""
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", head).split(b"\r\n")
    return dict(_relaxed_field(line) for line in unfolded)


def _relaxed_field(field: bytes) -> tuple[str, bytes]:
    name, _colon, value = field.replace(b"\r\n", b"").partition(b":")
    name = name.strip().lower()
    return name.decode("ascii"), name + b":" + _BLANKS.sub(b" ", value).strip()


def _relaxed_body(body: bytes) -> bytes:
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
