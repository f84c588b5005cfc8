"""The text that customers read: stored, shown, taken off, judged, checked."""

import secrets
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.text import slugify

from crm import clock, registry
from crm.models import Subject, User, Visit
from crm.text import clean_html, excerpt, plain
from selfcare.models import (
    TEXTS,
    Article,
    ArticleFile,
    Category,
    OldAddress,
    OldShelf,
    SearchStamp,
    Translation,
    Version,
    Vote,
)
from selfcare.services import files, links

_READ_FIRST = 3
_SLUG_LENGTH = 110  # leaves room for the number that tells two equal titles apart


def changed() -> None:
    """Have every process build its search index anew. In the caller's transaction."""
    SearchStamp.objects.update_or_create(pk=1, defaults={"stamp": secrets.token_hex(16)})


@transaction.atomic
def save(
    translation: Translation,
    *,
    by: User | None = None,
    version: Version | None = None,
    at: datetime | None = None,
) -> Translation:
    """Show this text from now on: made safe, with an address, its former address kept, and kept
    itself as a version: `version` if it was written as one."""
    at = at or clock.now()
    # one at a time: numbers and addresses are given here
    Article.objects.select_for_update().get(pk=translation.article_id)
    before = Translation.objects.filter(pk=translation.pk).first() if translation.pk else None
    prepare(translation)
    translation.slug = free_slug(translation, translation.slug or translation.title)
    version = version or next_version(translation.article_id, translation.language, at)
    version.author = version.author or by
    _date(translation, version, before, at)
    # whoever lives at an address owns it: a former tenant's redirect ends
    OldAddress.objects.filter(language=translation.language, slug=translation.slug).delete()
    translation.save()
    if before and before.slug != translation.slug:
        keep_address(translation, before.slug)
    shown(version, translation, by=by, at=at)
    version.save()
    changed()
    return translation


def _date(
    translation: Translation, version: Version, before: Translation | None, at: datetime
) -> None:
    translation.updated_at = at
    if before is None or not version.minor:
        translation.substance_at = at
    # a translation knows of its source what was there when it was written
    translation.current_as_of = version.changed_at


def next_version(article_id: int, language: str, at: datetime) -> Version:
    """The article's next one in that language, unsaved. Under the article's lock."""
    known = Version.objects.filter(article=article_id, language=language)
    number = (known.aggregate(last=Max("number"))["last"] or 0) + 1
    return Version(article_id=article_id, language=language, number=number, changed_at=at)


def shown(
    version: Version, translation: Translation, *, by: User | None = None, at: datetime
) -> Version:
    """The version that says what customers read from now on, unsaved."""
    for name in TEXTS:
        setattr(version, name, getattr(translation, name))
    version.state = Version.State.PUBLISHED
    version.published_at, version.published_by, version.publish_at = at, by, None
    return version


def new_external_id() -> str:
    return f"a-{secrets.token_hex(5)}"


def prepare(translation: Translation) -> None:
    """Clean what was written and fill what can be derived, unsaved."""
    translation.body = clean_html(translation.body)
    translation.summary = translation.summary or excerpt(plain(translation.body), 160)
    translation.keywords = [str(word)[:80] for word in translation.keywords or []]


def free_slug(translation: Translation, wanted: str) -> str:
    base = slugify(wanted)[:_SLUG_LENGTH].strip("-") or "article"
    others = Translation.objects.filter(language=translation.language).exclude(pk=translation.pk)
    taken = set(others.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in numbered(base) if slug not in taken)


def numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1


def keep_address(translation: Translation, slug: str) -> None:
    OldAddress.objects.update_or_create(
        language=translation.language, slug=slug, defaults={"translation": translation}
    )


@transaction.atomic
def save_shelf(shelf: Category) -> None:
    """Store a category; where it lived before leads to where it lives now."""
    before = Category.objects.filter(pk=shelf.pk).values_list("slug", flat=True).first()
    shelf.save()
    # whoever lives at an address owns it: a former tenant's redirect ends
    OldShelf.objects.filter(slug=shelf.slug).delete()
    if before and before != shelf.slug:
        OldShelf.objects.update_or_create(slug=before, defaults={"category": shelf})
    changed()


def readings(subject: Subject, language: str) -> list[registry.Reading]:
    """The first public articles on a subject, as the help pages order them."""
    rows = Translation.objects.public().in_language(language[:2]).filter(article__subject=subject)
    found = rows.in_order().values_list("title", "slug")[:_READ_FIRST]
    return [
        registry.Reading(title, links.address("article", language, slug)) for title, slug in found
    ]


@transaction.atomic
def remove(rows: QuerySet[Article]) -> None:
    """Delete articles for good, the bytes of their files too."""
    keys = list(rows.values_list("pk", flat=True))
    files.drop(list(ArticleFile.objects.filter(article__in=keys)))
    Article.objects.filter(pk__in=keys).delete()
    changed()


@transaction.atomic
def publish(article: Article, published: bool = True) -> None:
    """Show an article, or take it off every page, the search and the sitemap."""
    article.is_published = published
    article.save(update_fields=["is_published"])
    changed()


def checked(article: Article, *, at: datetime | None = None) -> None:
    """Somebody looked, and it is still true: readers see the day."""
    article.verified_on = (at or clock.now()).astimezone().date()
    article.save(update_fields=["verified_on"])


def still_right(translation: Translation, *, at: datetime | None = None) -> None:
    """What changed in the other language needs no word here."""
    translation.current_as_of = at or clock.now()
    translation.save(update_fields=["current_as_of"])


def vote(
    translation: Translation,
    visit: Visit,
    *,
    helpful: bool,
    reason: str = "",
    at: datetime | None = None,
) -> Vote:
    """One vote per visit and article: changing one's mind, or adding a reason, replaces it."""
    fields = {"helpful": helpful, "at": at or clock.now()}
    if reason or helpful:
        fields["reason"] = "" if helpful else reason[:500]
    made, _new = Vote.objects.update_or_create(
        translation=translation, visit=visit, defaults=fields
    )
    return made
