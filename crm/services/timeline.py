"""One line of time of a customer or an organisation: every exchange on every channel, and every
visit with what was searched and read, newest first, paged by key."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from crm.models import Interaction, Message, Visit, VisitStep

PAGE = 20
STEPS = 12
# the order of things that began in the same instant
KINDS = {"i": 0, "v": 1}


class BadCursor(ValueError):
    """Not a cursor this module gave."""


@dataclass(frozen=True)
class Entry:
    """One thing on the line: `interaction` or `visit`, never both."""

    at: datetime
    interaction: Interaction | None = None
    visit: Visit | None = None

    @property
    def kind(self) -> str:
        return "i" if self.interaction else "v"

    @property
    def pk(self) -> int:
        return (self.interaction or self.visit).pk  # type: ignore[union-attr]

    @property
    def cursor(self) -> str:
        return f"{self.at.timestamp():.6f}.{self.kind}.{self.pk}"


@dataclass(frozen=True)
class Page:
    entries: list[Entry]
    older: str  # cursor of the next page, empty at the end


def page(
    *,
    interactions: QuerySet[Interaction],
    visits: QuerySet[Visit],
    only: str = "",
    after: str = "",
    size: int = PAGE,
) -> Page:
    """The entries older than the cursor, of these rows (somebody's, as far as the reader may see
    them): three queries, whatever their number. `only`: a channel's name, or "visit"."""
    found: list[Entry] = []
    if only != "visit":
        rows = _interactions(interactions)
        rows = rows.filter(channel=only) if only else rows
        found += [
            Entry(row.opened_at, interaction=row)
            for row in _older(rows, "opened_at", "i", after)[: size + 1]
        ]
    if only in ("", "visit"):
        stays = _visits(visits)
        found += [
            Entry(row.started_at, visit=row)
            for row in _older(stays, "started_at", "v", after)[: size + 1]
        ]
    found.sort(key=lambda entry: (-entry.at.timestamp(), KINDS[entry.kind], -entry.pk))
    shown = found[:size]
    return Page(shown, shown[-1].cursor if len(found) > size else "")


def _interactions(rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
    said = Message.objects.filter(
        interaction=OuterRef("pk"),
        kind=Message.Kind.TEXT,
        author=Message.Author.CUSTOMER,
        deleted_at=None,
    )
    return (
        rows.select_related("queue", "agent", "subject", "real_subject", "closed_by")
        .annotate(first_words=Subquery(said.order_by("pk").values("text")[:1]))
        .order_by("-opened_at", "-pk")
    )


def _visits(rows: QuerySet[Visit]) -> QuerySet[Visit]:
    steps = VisitStep.objects.order_by("at", "pk")[:STEPS]
    return rows.prefetch_related(Prefetch("steps", queryset=steps, to_attr="shown_steps")).order_by(
        "-started_at", "-pk"
    )


def _older(rows: QuerySet[Any], field: str, kind: str, after: str) -> QuerySet[Any]:
    if not after:
        return rows
    at, cursor_kind, pk = _parsed(after)
    same = Q(**{field: at})
    if kind == cursor_kind:
        same &= Q(pk__lt=pk)
    elif KINDS[kind] < KINDS[cursor_kind]:
        same = Q(pk=None)  # those came before the cursor in that instant
    return rows.filter(Q(**{f"{field}__lt": at}) | same)


def _parsed(cursor: str) -> tuple[datetime, str, int]:
    try:
        stamp, kind, pk = cursor.rsplit(".", 2)
        seconds, micro = stamp.split(".")
        at = datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(micro))
        return at, {"i": "i", "v": "v"}[kind], int(pk)
    except (ValueError, KeyError, OverflowError, OSError) as error:
        raise BadCursor(cursor) from error
