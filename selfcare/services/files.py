"""Pictures and documents of the help articles: taken in, and given to who may read the article."""

import hashlib
import re
from pathlib import PurePath
from uuid import UUID, uuid4

from django.core.files.base import ContentFile, File
from django.db import transaction

from crm.models import User
from crm.services.files import NAMES, kind_of
from selfcare.models import Article, ArticleFile, Audience

LARGEST = 10 * 1024 * 1024
_MOST = 100  # of one article
_UNSAFE = re.compile(r"[^\w.]+")


class Refused(Exception):
    """Too large, too many, or nothing that an article needs; `str()` is a reason's code."""


def add(article: Article, file: File, *, by: User | None, key: UUID | None = None) -> ArticleFile:
    """Keep a file; the same one again is the one that is there. `key`: of the address that it had
    elsewhere. Raises Refused."""
    if key and (known := ArticleFile.objects.filter(key=key).first()):
        return known
    if not file.size or file.size > LARGEST:
        raise Refused("size")
    content = file.read()
    kind = kind_of(content)
    if not kind:
        raise Refused("kind")
    digest = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        Article.objects.select_for_update().get(pk=article.pk)
        known = article.files.filter(sha256=digest).first()
        if known:
            return known
        if article.files.count() >= _MOST:
            raise Refused("many")
        made = ArticleFile(
            article=article,
            name=_name(file.name or "", kind),
            content_type=kind,
            size=len(content),
            sha256=digest,
            added_by=by,
            key=key or uuid4(),
        )
        made.file.save(made.name, ContentFile(content), save=False)
        made.save()
    return made


def _name(given: str, kind: str) -> str:
    """As it was called, without what an address or a header would trip over, with an end that
    says what it is."""
    path = PurePath(given.replace("\\", "/"))
    stem = _UNSAFE.sub("-", path.stem).strip(".-")[:100] or "file"
    ends = NAMES[kind]
    return stem + (path.suffix.lower() if path.suffix.lower() in ends else ends[0])


def readable(key: UUID, audience: Audience) -> ArticleFile | None:
    """The file, for whoever may read its article; colleagues see those of drafts too."""
    found = ArticleFile.objects.select_related("article").filter(key=key)
    if audience != Audience.STAFF:
        found = found.filter(article__is_published=True, article__visibility__in=audience.sees)
    return found.first()


def remove(file: ArticleFile) -> None:
    """Forget it and its bytes."""
    name, storage = str(file.file.name), file.file.storage
    file.delete()
    transaction.on_commit(lambda: storage.delete(name))
