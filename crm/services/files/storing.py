"""Bytes in the default storage, under names that tell their content."""

import os
import tempfile
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def keep(name: str, content: bytes) -> str:
    """Under a name that tells the content. What is there by that name is whole: on a disk it
    appears at once, when its last byte is written."""
    try:
        path = Path(default_storage.path(name))
    except NotImplementedError:  # Django's word for a storage that is no disk: an object store,
        # where a file is whole or not there
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(content))
        return name
    if not path.exists():
        _write(path, content)
    return name


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
