"""An article's text on its way: draft, review, schedule, publication, and back to an older one."""

import difflib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from crm import clock
from crm.models import User
from crm.text import clean_html, plain
from selfcare import search
from selfcare.models import TEXTS, Article, Audience, Category, Translation, Version
from selfcare.services import articles

State = Version.State
_AT_ONCE = 50  # scheduled ones published by one sweep


class Moved(Exception):
    """Somebody else saved, published or threw away this draft meanwhile."""


class Incomplete(Exception):
    """Nothing can be shown without a title and a text."""


class TooEarly(Exception):
    """The hour to appear is past."""


def working(article: Article, language: str) -> Version | None:
    """What is being written, if anything is."""
    return Version.objects.open().filter(article=article, language=language).first()


@transaction.atomic
def write(
    article: Article,
    language: str,
    texts: Mapping[str, Any],
    *,
    by: User | None,
    seen: int = 0,
    at: datetime | None = None,
) -> Version:
    """Save a draft; one under review or scheduled becomes a draft again. `seen` is the revision
    that the writer had before them, 0 for a new one. Raises Moved."""
    _lock(article)
    found = working(article, language)
    if (found.revision if found else 0) != seen:
        raise Moved(article.pk)
    given = {n: texts[n] for n in (*TEXTS, "note", "minor") if n in texts}
    if found and all(getattr(found, name) == value for name, value in given.items()):
        return found
    at = at or clock.now()
    version = found or articles.next_version(article.pk, language, at)
    for name, value in given.items():
        setattr(version, name, value)
    version.body = clean_html(version.body)
    version.state, version.publish_at, version.remark = State.DRAFT, None, ""
    version.author, version.changed_at = by, at
    version.revision = seen + 1
    version.save()
    return version


@transaction.atomic
def begin(wanted: str, language: str, keywords: list[str], *, by: User | None) -> Article:
    """An article that people look for and nobody has written: a draft in their words, on the
    shelf of what the search came closest to."""
    near = search.search(wanted, language, 1, audience=Audience.STAFF).hits
    shelf = near[0][0].article.category if near else Category.objects.first()
    if shelf is None:
        shelf = Category.objects.create(slug="general", name_fr="Général", name_en="General")
    made = Article.objects.create(
        external_id=articles.new_external_id(),
        category=shelf,
        subject=near[0][0].article.subject if near else None,
        source_language=language,
        owner=by,
    )
    words = [word[:80] for word in dict.fromkeys([wanted, *keywords])][:20]
    title = wanted[:1].upper() + wanted[1:]
    write(made, language, {"title": title, "keywords": words, "body": ""}, by=by)
    return made


@transaction.atomic
def submit(article: Article, language: str) -> Version:
    """Ask for a review. Raises Moved, Incomplete."""
    version = _complete(_claim(article, language))
    version.state, version.remark = State.REVIEW, ""
    version.save(update_fields=["state", "remark"])
    return version


@transaction.atomic
def send_back(article: Article, language: str, remark: str) -> Version:
    """Not yet, and why. Raises Moved."""
    version = _claim(article, language)
    version.state, version.remark, version.publish_at = State.DRAFT, remark[:500], None
    version.save(update_fields=["state", "remark", "publish_at"])
    return version


@transaction.atomic
def schedule(
    article: Article, language: str, when: datetime, *, by: User | None, at: datetime | None = None
) -> Version:
    """It appears by itself at that moment. Raises Moved, Incomplete, TooEarly."""
    if when <= (at or clock.now()):
        raise TooEarly(when)
    version = _complete(_claim(article, language))
    version.state, version.publish_at, version.published_by = State.SCHEDULED, when, by
    version.save(update_fields=["state", "publish_at", "published_by"])
    return version


@transaction.atomic
def publish(
    article: Article, language: str, *, by: User | None, at: datetime | None = None
) -> Translation:
    """Customers read it from now on. Raises Moved, Incomplete."""
    return _show(_complete(_claim(article, language)), by, at)


@transaction.atomic
def discard(article: Article, language: str) -> None:
    """Throw the open text away; what customers read stays. Raises Moved."""
    _claim(article, language).delete()


@transaction.atomic
def roll_back(version: Version, *, by: User | None, at: datetime | None = None) -> Translation:
    """Show an older text again, as a new version: nothing of what was in between is lost, nor what
    is being written."""
    _lock(version.article)
    again = articles.next_version(version.article_id, version.language, at or clock.now())
    for name, value in version.texts.items():
        setattr(again, name, value)
    again.note, again.author = version.note, by
    return _show(again, by, at)


def publish_due(*, at: datetime | None = None) -> int:
    """Show what is scheduled for now or before. A sweep: each in a transaction of its own."""
    at = at or clock.now()
    due = Version.objects.filter(state=State.SCHEDULED, publish_at__lte=at)
    done = 0
    for version in list(due.select_related("article").order_by("publish_at")[:_AT_ONCE]):
        with transaction.atomic():
            _lock(version.article)
            # again, under the lock: it may have been taken back in this very moment
            if still := due.select_related("published_by").filter(pk=version.pk).first():
                _show(still, still.published_by, at)
                done += 1
    return done


def _lock(article: Article) -> None:
    Article.objects.select_for_update().get(pk=article.pk)


def _claim(article: Article, language: str) -> Version:
    _lock(article)
    found = working(article, language)
    if found is None:
        raise Moved(article.pk)
    return found


def _complete(version: Version) -> Version:
    if not (version.title.strip() and plain(version.body)):
        raise Incomplete(version.pk)
    return version


def _show(version: Version, by: User | None, at: datetime | None) -> Translation:
    key = {"article_id": version.article_id, "language": version.language}
    shown = Translation.objects.filter(**key).first() or Translation(**key)
    for name, value in version.texts.items():
        setattr(shown, name, value)
    return articles.save(shown, by=by, version=version, at=at)


def difference(old: str, new: str) -> Iterator[tuple[str, str]]:
    """The words of two texts as ("same" | "gone" | "new", words), in reading order."""
    before, after = plain(old).split(), plain(new).split()
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        if kind == "equal":
            yield "same", " ".join(before[a:b])
            continue
        if a != b:
            yield "gone", " ".join(before[a:b])
        if c != d:
            yield "new", " ".join(after[c:d])
