"""Storing articles that come from files: the same again changes nothing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from crm import clock
from crm.models import Subject, User
from crm.text import tight
from selfcare.models import (
    TEXTS,
    Article,
    Category,
    OldAddress,
    Translation,
    Version,
)
from selfcare.services import article_formats, article_rows, articles, files
from selfcare.services.article_rows import Line
from selfcare.services.article_source import BadFile, Kept, Row

_AT_ONCE = 500

__all__ = ["BadFile", "Imported", "import_articles", "import_rows", "try_rows"]


@dataclass
class Imported:
    made: int = 0
    changed: int = 0
    same: int = 0


def import_articles(lines: Iterable[str]) -> Imported:
    """JSON Lines. All or none; raises BadFile."""
    return import_rows(article_formats.json_lines(lines))


@transaction.atomic
def import_rows(rows: Iterable[Row], *, by: User | None = None, trying: bool = False) -> Imported:
    """Make or update articles by external number and language; all or none. Raises BadFile.

    What a row leaves out (slug, summary, subject, related, visibility, owner …) stays as it is.
    `trying`: its files are looked at and not kept."""
    done, related = Imported(), dict[str, list[str]]()
    kept: dict[str, list[Kept]] = defaultdict(list)
    at = clock.now()
    parsed = article_rows.parsed(rows)
    while chunk := list(islice(parsed, _AT_ONCE)):
        _store(chunk, done, by, at)
        related |= {line.external_id: line.related for line in chunk if line.related is not None}
        for line in chunk:
            kept[line.external_id] += line.files
    linked = _relate(related)
    _keep_files(kept, by, trying)
    if done.made or done.changed or linked:
        articles.changed()
    return done


class _Undone(Exception):
    pass


def try_rows(rows: Iterable[Row]) -> Imported:
    """What an import would do, and nothing done. Raises BadFile."""
    done = Imported()
    try:
        with transaction.atomic():
            done = import_rows(rows, trying=True)
            raise _Undone
    except _Undone:
        return done


def _store(lines: list[Line], done: Imported, by: User | None, at: datetime) -> None:
    known = _articles(lines)
    existing = {
        (row.article_id, row.language): row
        for row in Translation.objects.filter(article__in=known.values())
    }
    taken = _taken(lines)
    written: dict[tuple[int, str], Translation] = {}
    new: list[Translation] = []
    for line in lines:
        key = known[line.external_id].pk, line.language
        row = existing.get(key)
        if row is None:
            row = existing[key] = Translation(article_id=key[0], language=line.language)
            new.append(row)
            done.made += 1
        elif not _differs(row, line):
            done.same += 1
            continue
        elif row.pk:
            done.changed += 1
        _write(row, line, taken, at)
        if row.pk:
            row.save()
        written[key] = row
    Translation.objects.bulk_create(new)
    _keep(written, by, at)


def _keep(written: dict[tuple[int, str], Translation], by: User | None, at: datetime) -> None:
    """Each new text as the next version of its article."""
    counted = Version.objects.filter(article__in={article for article, _language in written})
    last = {
        (row["article"], row["language"]): row["last"]
        for row in counted.values("article", "language").order_by().annotate(last=Max("number"))
    }
    Version.objects.bulk_create(
        articles.shown(
            Version(
                article_id=key[0],
                language=key[1],
                number=last.get(key, 0) + 1,
                author=by,
                changed_at=at,
            ),
            row,
            by=by,
            at=at,
        )
        for key, row in written.items()
    )


def _differs(row: Translation, line: Line) -> bool:
    copy = Translation(**{name: getattr(row, name) for name in TEXTS})
    _fill(copy, line)
    if tight(copy.body) == tight(row.body):
        copy.body = row.body
    return any(getattr(copy, name) != getattr(row, name) for name in TEXTS)


def _fill(row: Translation, line: Line) -> None:
    row.title, row.body = line.title, line.body
    row.keywords = line.keywords
    row.summary = line.summary or row.summary
    row.slug = slugify(line.slug) or row.slug
    articles.prepare(row)


def _write(row: Translation, line: Line, taken: dict[tuple[str, str], str], at: datetime) -> None:
    before = row.slug
    _fill(row, line)
    base = row.slug or slugify(line.title)[:110].strip("-") or "article"
    owner = line.external_id
    free = (s for s in articles.numbered(base) if taken.get((row.language, s), owner) == owner)
    row.slug = next(free)
    taken[row.language, row.slug] = owner
    row.updated_at = row.substance_at = row.current_as_of = at
    if row.pk and before != row.slug:
        OldAddress.objects.filter(language=row.language, slug=row.slug).delete()
        articles.keep_address(row, before)


def _taken(lines: list[Line]) -> dict[tuple[str, str], str]:
    """(language, address) → whose it is."""
    rows = Translation.objects.filter(language__in={line.language for line in lines})
    pairs = rows.values_list("language", "slug", "article__external_id")
    return {(language, slug): owner for language, slug, owner in pairs}


def _articles(lines: list[Line]) -> dict[str, Article]:
    wanted = {line.external_id for line in lines}
    rows = Article.objects.select_related("category", "subject", "owner")
    known = {a.external_id: a for a in rows.filter(external_id__in=wanted)}
    for line in lines:
        if line.external_id not in known:
            line.category = line.category or "general"
    categories, subjects = _categories(lines), _subjects(lines)
    owners = _owners(lines)
    new: dict[str, Article] = {}
    place = Article.objects.count()
    for line in lines:
        article = known.get(line.external_id) or new.get(line.external_id)
        if article is None:
            place += 1
            article = new[line.external_id] = Article(
                external_id=line.external_id,
                position=min(place, 32000),
                source_language=line.language,
            )
        given = _given(line, categories, subjects, owners)
        differs = not article.pk or any(getattr(article, n) != v for n, v in given.items())
        for name, value in given.items():
            setattr(article, name, value)
        if article.pk and differs:
            article.save()
    Article.objects.bulk_create(new.values())
    return known | new


def _given(
    line: Line,
    categories: dict[str, Category],
    subjects: dict[str, Subject],
    owners: dict[str, User],
) -> dict[str, Any]:
    """What a row says of its article; what it leaves out stays as it is."""
    said = {
        "category": categories.get(slugify(line.category)),
        "subject": subjects.get(line.subject),
        "visibility": line.visibility or None,
        "source_language": line.source_language or None,
        "owner": owners.get(line.owner),
        "verified_on": line.verified_on,
        "check_days": line.check_days,
        "is_published": line.is_published if line.is_published is None else bool(line.is_published),
    }
    return {name: value for name, value in said.items() if value is not None}


def _owners(lines: list[Line]) -> dict[str, User]:
    """Colleagues by their address; who is none any more owns nothing."""
    wanted = {line.owner for line in lines if line.owner}
    return {u.email: u for u in User.objects.filter(email__in=wanted, is_staff=True)}


def _categories(lines: list[Line]) -> dict[str, Category]:
    names = {slugify(line.category): line.category for line in lines if line.category}
    found = {c.slug: c for c in Category.objects.filter(slug__in=names)}
    for slug in names.keys() - found.keys():
        if not slug:
            raise BadFile(f"{names[slug]!r} is no category")
        found[slug] = Category.objects.create(slug=slug, name_fr=names[slug].capitalize())
    return found


def _subjects(lines: list[Line]) -> dict[str, Subject]:
    wanted = {line.subject for line in lines if line.subject}
    found = {s.slug: s for s in Subject.objects.filter(slug__in=wanted)}
    if missing := wanted - found.keys():
        raise BadFile(f"unknown subject {sorted(missing)[0]!r}")
    return found


def _keep_files(kept: dict[str, list[Kept]], by: User | None, trying: bool) -> None:
    articles_of = Article.objects.in_bulk(kept, field_name="external_id")
    for name, found in kept.items():
        for file in {file.key: file for file in found}.values():
            content = ContentFile(file.content, file.name)
            try:
                if trying:
                    files.look(content)
                else:
                    files.add(articles_of[name], content, by=by, key=file.key)
            except files.Refused as refusal:
                raise BadFile(f"{name}: {file.name} is refused ({refusal})") from refusal


def _relate(related: dict[str, list[str]]) -> bool:
    """Link articles to those they name; names that nobody has are left out."""
    names = set(related).union(*related.values())
    ids = dict(Article.objects.filter(external_id__in=names).values_list("external_id", "pk"))
    link = Article.related.through
    wanted = {
        (ids[name], ids[other])
        for name, others in related.items()
        for other in others
        if other in ids and other != name
    }
    rows = link.objects.filter(from_article__in=[ids[name] for name in related])
    present = set(rows.values_list("from_article_id", "to_article_id"))
    for source, target in present - wanted:
        rows.filter(from_article_id=source, to_article_id=target).delete()
    link.objects.bulk_create(
        link(from_article_id=source, to_article_id=target) for source, target in wanted - present
    )
    return wanted != present
