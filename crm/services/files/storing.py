"""Bytes in the default storage, under names that tell their content."""

import hashlib
import os
import uuid
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from crm.models import Attachment, Message


def row_of(
    message: Message, name: str, kind: str, content: bytes, *, scan: str, inline_id: str = ""
) -> Attachment:
    """The row of a file whose bytes are kept now; not saved yet."""
    digest = hashlib.sha256(content).hexdigest()
    row = Attachment(
        message=message,
        name=name[:200],
        content_type=kind[:100],
        size=len(content),
        sha256=digest,
        inline_id=inline_id[:200],
        scan=scan,
    )
    row.file.name = keep(row.file.field.generate_filename(row, digest), content)
    return row


def keep(name: str, content: bytes) -> str:
    """Under a name that tells the content. What is there by that name is whole: on a disk it
    appears at once, when its last byte is written."""
    try:
        path = default_storage.path(name)
    except NotImplementedError:  # Django's word for a storage that is no disk: an object store,
        # where a file is whole or not there
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(content))
        return name
    if not os.path.exists(path):
        _write(path, content)
    return name


def _write(path: str, content: bytes) -> None:
    """In few steps: a mailbox brings hundreds of files a second."""
    temporary = f"{path}.{uuid.uuid4().hex}.new"
    try:
        descriptor = _create(temporary)
        with open(descriptor, "wb", buffering=0) as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _create(path: str) -> int:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    try:
        return os.open(path, flags, 0o644)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, flags, 0o644)
