"""Pictures, films and documents of the help articles: taken in, and given to who may read them."""

import hashlib
import re
from collections.abc import Iterable
from functools import partial
from pathlib import PurePath
from uuid import UUID, uuid4

from django.core.files.base import ContentFile, File
from django.db import transaction

from crm.models import Attachment, User
from crm.services.files import (
    NAMES,
    kind_of,
    scan_later,
    scan_now,
    scan_waiting,
    without_place,
)
from selfcare.models import KEPT_BACK, Article, ArticleFile, Audience

LARGEST = 10 * 1024 * 1024
LARGEST_FILM = 60 * 1024 * 1024  # of which no more than a piece is held in memory
_BEGINNING = 4096  # bytes that tell a film
_MOST = 100  # of one article
_UNSAFE = re.compile(r"[^\w.]+")


class Refused(Exception):
    """Too large, too many, infected, or nothing that an article needs; `str()` is a reason's
    code."""


def add(article: Article, file: File, *, by: User | None, key: UUID | None = None) -> ArticleFile:
    """Keep a file; the same one again is the one that is there. `key`: of the address at which it
    has to live; such a file comes with many others, and is scanned a little later. Raises
    Refused."""
    if key and (known := ArticleFile.objects.filter(key=key).first()):
        return known
    content, found = look(file)
    digest = hashlib.sha256()
    for part in content.chunks():
        digest.update(part)
    scan = scan_later() if key else scan_now(content)
    if scan == Attachment.Scan.INFECTED:
        raise Refused("infected")
    with transaction.atomic():
        Article.objects.select_for_update().get(pk=article.pk)
        same = article.files.filter(sha256=digest.hexdigest()).first()
        if same and not key:
            return same
        if article.files.count() >= _MOST:
            raise Refused("many")
        made = ArticleFile(
            article=article,
            name=called(file.name or "", found),
            content_type=found,
            size=content.size,
            sha256=digest.hexdigest(),
            added_by=by,
            key=key or uuid4(),
            scan=scan,
        )
        made.file.save(made.name, content, save=False)
        made.save()
    return made


def look(file: File) -> tuple[File, str]:
    """What is kept of a file, and what it is. Raises Refused."""
    if not file.size:
        raise Refused("kind")
    if file.size > LARGEST:
        return file, _film(file)
    content = file.read()
    found = kind_of(content)
    if not found:
        raise Refused("kind")
    return ContentFile(without_place(found, content)), found


def _film(file: File) -> str:
    found = kind_of(file.read(_BEGINNING))
    if not found.startswith("video/") or file.size > LARGEST_FILM:
        raise Refused("size")
    return found


def called(given: str, kind: str) -> str:
    """Its name without what an address or a header would trip over, with an end that says what it
    is."""
    path = PurePath(given.replace("\\", "/"))
    stem = _UNSAFE.sub("-", path.stem).strip(".-")[:100] or "file"
    ends = NAMES[kind]
    return stem + (path.suffix.lower() if path.suffix.lower() in ends else ends[0])


def readable(key: UUID, audience: Audience) -> ArticleFile | None:
    """The file, for whoever may read its article; colleagues see those of drafts too. Nobody
    gets one before the virus scanner's word, where there is one."""
    found = ArticleFile.objects.select_related("article").filter(key=key)
    found = found.exclude(scan__in=KEPT_BACK)
    if audience != Audience.STAFF:
        found = found.filter(article__is_published=True, article__visibility__in=audience.sees)
    return found.first()


def remove(file: ArticleFile) -> None:
    """Forget it and its bytes."""
    drop([file])
    file.delete()


def drop(files: Iterable[ArticleFile]) -> None:
    """Their bytes go with the transaction in which the rows go."""
    for file in files:
        transaction.on_commit(partial(file.file.storage.delete, str(file.file.name)))


def scan() -> int:
    """Ask the virus scanner about those that still wait for it. A sweep."""
    return scan_waiting(ArticleFile)
