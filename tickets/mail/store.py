"""The raw source of inbound mails: one file per content, in the default storage."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def put(raw: bytes) -> str:
    """Keep these bytes; the name tells the content, so that the same mail lies there once."""
    digest = hashlib.sha256(raw).hexdigest()
    name = f"mail/{digest[:2]}/{digest}.eml"
    if not default_storage.exists(name):
        # two at once: the storage gives the second another name, with the same bytes
        return default_storage.save(name, ContentFile(raw))
    return name


def get(name: str) -> bytes:
    with default_storage.open(name, "rb") as file:
        return bytes(file.read())
