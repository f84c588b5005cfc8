"""The raw source of mails in the default storage, by its content."""

import hashlib

from django.core.files.storage import default_storage

from crm.services import files


def put(raw: bytes) -> str:
    """Keep a mail's source; the name tells the content, so that the same mail lies there once."""
    digest = hashlib.sha256(raw).hexdigest()
    return files.keep(f"mail/{digest[:2]}/{digest}.eml", raw)


def get(name: str) -> bytes:
    with default_storage.open(name, "rb") as file:
        return bytes(file.read())
