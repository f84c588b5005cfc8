"""What the editors have to do: the lists of their page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import User
from selfcare.models import LANGUAGES, Article, Link, Translation, Version
from selfcare.services import link_check

SHOWN = 50
_LONGEST_AGO = (F("verified_on").asc(nulls_first=True), "pk")
_JUDGED = 5  # votes from which an article may be called one that does not help


@dataclass
class Item:
    """One thing to do: which article, in which language, and why."""

    article: Article
    title: str
    language: str = ""
    why: str | Promise = ""
    moment: datetime | None = None
    day: date | None = None
    who: str = ""


@dataclass
class List:
    name: str
    title: str | Promise
    empty: str | Promise
    items: list[Item]
    count: int


def lists(*, owner: User | None = None, at: datetime | None = None) -> list[List]:
    """Everything to do; `owner`: of their articles only. A fixed number of queries."""
    at = at or clock.now()
    mine = Q(article__owner=owner) if owner else Q()
    own = Q(owner=owner) if owner else Q()
    versions = Version.objects.filter(mine).select_related("article", "author")
    articles = Article.objects.filter(own).prefetch_related(_titles()).select_related("owner")
    texts = Translation.objects.filter(mine, article__is_published=True).select_related("article")
    State = Version.State
    return [
        _list("review", _("To be reviewed"), _("No text waits for a review."),
              versions.filter(state=State.REVIEW).order_by("changed_at"), _version),
        _list("drafts", _("Being written"), _("Nobody is writing."),
              versions.filter(state=State.DRAFT).order_by("-changed_at"), _version),
        _list("scheduled", _("Scheduled"), _("Nothing waits for its day."),
              versions.filter(state=State.SCHEDULED).order_by("publish_at"), _scheduled),
        *[
            _list(f"missing-{code}",
                  format_lazy("{} ({})", _("Not translated"), name),
                  _("Every article is there in this language."),
                  articles.missing(code), _missing(code))
            for code, name in LANGUAGES
        ],
        _list("outdated", _("Outdated translations"), _("Every translation follows its original."),
              texts.outdated().order_by("current_as_of"), _outdated),
        _list("check", _("Due for a check"), _("Everything was checked lately."),
              articles.to_check(at.astimezone().date()).order_by(*_LONGEST_AGO), _due),
        _list("links", _("Broken links"), _("Every link leads somewhere."),
              _broken(owner), _link),
        _list("unhelpful", _("Read and not helpful"), _("Nothing that many found of no help."),
              _unhelpful(texts), _judged),
    ]  # fmt: skip


def _list(
    name: str,
    title: str | Promise,
    empty: str | Promise,
    rows: QuerySet[Any],
    item: Callable[[Any], Item],
) -> List:
    found = list(rows[: SHOWN + 1])
    count = len(found) if len(found) <= SHOWN else rows.count()
    return List(name, title, empty, [item(row) for row in found[:SHOWN]], count)


def _titles() -> Prefetch:
    return Prefetch("translations", Translation.objects.only("article_id", "language", "title"))


def title_of(article: Article) -> str:
    """In the language it is written first in, if it is; of prefetched translations."""
    titles = {text.language: text.title for text in article.translations.all()}
    first = titles.get(article.source_language) or next(iter(titles.values()), "")
    return first or article.external_id


def _version(row: Version) -> Item:
    author = row.author.get_full_name() if row.author else ""
    return Item(row.article, row.title, row.language, row.note, row.changed_at, who=author)


def _scheduled(row: Version) -> Item:
    return Item(row.article, row.title, row.language, row.note, row.publish_at)


def _missing(language: str) -> Callable[[Article], Item]:
    return lambda row: Item(row, title_of(row), language)


def _outdated(row: Translation) -> Item:
    return Item(row.article, row.title, row.language, moment=row.current_as_of)


def _due(row: Article) -> Item:
    owner = row.owner.get_full_name() if row.owner else ""
    why = "" if row.verified_on else _("never checked")
    return Item(row, title_of(row), why=why, day=row.verified_on, who=owner)


def _broken(owner: User | None) -> QuerySet[Any]:
    """A row per text and link."""
    through = Link.translations.through.objects.filter(link__in=link_check.broken())
    rows = through.select_related("link", "translation__article").order_by("link__address", "pk")
    return rows.filter(translation__article__owner=owner) if owner else rows


def _link(row: Any) -> Item:
    text, link = row.translation, row.link
    return Item(
        text.article,
        text.title,
        text.language,
        f"{link.address} · {link_check.in_words(link.trouble)}",
    )


def _unhelpful(texts: QuerySet[Translation]) -> QuerySet[Translation]:
    votes = Count("votes")
    against = Count("votes", filter=Q(votes__helpful=False))
    judged = texts.annotate(vote_count=votes, against_count=against)
    return judged.filter(vote_count__gte=_JUDGED, against_count__gt=F("vote_count") / 2).order_by(
        "-against_count"
    )


def _judged(row: Any) -> Item:
    why = format_lazy(
        _("{against} of {votes} found no help"), against=row.against_count, votes=row.vote_count
    )
    return Item(row.article, row.title, row.language, why)
