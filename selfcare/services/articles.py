"""Writing, publishing and judging help articles."""

import secrets
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from crm import clock
from crm.models import Visit
from crm.text import clean_html, excerpt, plain
from selfcare.models import Article, OldAddress, SearchStamp, Translation, Vote

_SLUG_LENGTH = 110  # leaves room for the number that tells two equal titles apart


def changed() -> None:
    """Have every process build its search index anew. In the caller's transaction."""
    SearchStamp.objects.update_or_create(pk=1, defaults={"stamp": secrets.token_hex(16)})


@transaction.atomic
def save(translation: Translation, *, at: datetime | None = None) -> Translation:
    """Store an article's text: made safe, with an address, its former address kept."""
    before = (
        Translation.objects.select_for_update().filter(pk=translation.pk).first()
        if translation.pk
        else None
    )
    prepare(translation)
    wanted = translation.slug or slugify(translation.title)
    translation.slug = free_slug(translation, wanted)
    translation.updated_at = at or clock.now()
    # whoever lives at an address owns it: a former tenant's redirect ends
    OldAddress.objects.filter(language=translation.language, slug=translation.slug).delete()
    translation.save()
    if before and before.slug != translation.slug:
        keep_address(translation, before.slug)
    changed()
    return translation


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
def publish(article: Article, published: bool = True) -> None:
    """Show an article, or take it off every page, the search and the sitemap."""
    article.is_published = published
    article.save(update_fields=["is_published"])
    changed()


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
