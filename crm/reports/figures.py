"""The exchanges behind volumes, times and satisfaction; `shipped` says them in words."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    DurationField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.expressions import Case, When
from django.db.models.functions import Greatest

from crm import registry
from crm.models import DueTime, Interaction, WorkSegment
from crm.reports import measures
from crm.reports.cut import Cut, gone_at_once
from crm.reports.dimensions import Dimension
from crm.reports.values import Ratio, Seconds, Times

BAND = (8 * 60, 10 * 60)  # seconds: where the mean chat handling time belongs
PROMPT = 30  # seconds: the service level of chat
Outcome = Interaction.Outcome
Exchanges = QuerySet[Interaction]
_LEFT = [Outcome.ABANDONED, Outcome.CANCELLED, Outcome.SILENT]


def offered(cut: Cut) -> Exchanges:
    return cut.exchanges()


def answered(cut: Cut) -> Exchanges:
    return cut.exchanges().filter(first_answer_at__isnull=False)


def unanswered(cut: Cut) -> Exchanges:
    """Over, and no agent had said a word."""
    return cut.exchanges().filter(closed_at__isnull=False, first_answer_at=None)


def abandoned(cut: Cut) -> Exchanges:
    return unanswered(cut).filter(outcome__in=_LEFT)


def short_abandoned(cut: Cut) -> Exchanges:
    return cut.during("offered_at").filter(gone_at_once())


def reported(cut: Cut) -> Exchanges:
    """Left the line for another channel."""
    return unanswered(cut).filter(outcome=Outcome.HANDED_ON)


def handled(cut: Cut) -> Exchanges:
    """Closed, and an agent had answered."""
    return cut.exchanges().filter(closed_at__isnull=False, first_answer_at__isnull=False)


def closed(cut: Cut) -> Exchanges:
    """What went out: closed in these days, whenever it came in."""
    return cut.during("closed_at").filter(offered_at__isnull=False)


# -- waiting


def waiting_rows(cut: Cut) -> Exchanges:
    """With `seconds` from asking to being given to an agent."""
    waited = Greatest(F("assigned_at") - F("offered_at"), timedelta(0))
    return cut.exchanges().filter(assigned_at__isnull=False).annotate(seconds=Seconds(waited))


def first_answer_rows(cut: Cut) -> Exchanges:
    """With `seconds` from the customer's first words to an agent's own."""
    waited = Greatest(F("first_answer_at") - F("first_customer_at"), timedelta(0))
    rows = answered(cut).filter(first_customer_at__isnull=False)
    return rows.annotate(seconds=Seconds(waited))


PROMPTLY = Q(first_answer_at__lte=F("first_customer_at") + timedelta(seconds=PROMPT))


def prompt_rows(cut: Cut) -> Exchanges:
    return cut.exchanges().filter(channel="chat")


IN_TARGET = Q(kept=True)


def promised_rows(cut: Cut) -> Exchanges:
    return with_promise(cut.exchanges(), DueTime.Kind.FIRST)


def with_promise(rows: Exchanges, kind: str) -> Exchanges:
    """Those that a target gave a due time of that kind, with whether it was `kept`."""
    clocks = DueTime.objects.filter(interaction=OuterRef("pk"), kind=kind, due_at__isnull=False)
    missed = Q(done_at=None) | Q(done_at__gt=F("due_at"))
    return rows.filter(Exists(clocks)).alias(kept=~Exists(clocks.filter(missed)))


# -- times


def _segments(*kinds: str) -> Subquery:
    spent = WorkSegment.objects.filter(
        interaction=OuterRef("pk"), kind__in=kinds, until__isnull=False
    )
    total = (
        spent.order_by()
        .values("interaction")
        .annotate(total=Sum(F("until") - F("since"), output_field=DurationField()))
    )
    return Subquery(total.values("total"))


def conversation_rows(cut: Cut) -> Exchanges:
    """Handled chats and calls with `seconds`: first to last human line, pick-up to hang-up."""
    talked = Greatest("last_customer_at", "last_agent_at") - F("first_customer_at")
    rows = handled(cut).filter(channel__in=["chat", "callback"])
    return rows.annotate(
        seconds=Seconds(
            Case(
                When(channel="callback", then=_segments(WorkSegment.Kind.CALL)),
                default=talked,
                output_field=DurationField(),
            )
        )
    ).filter(seconds__isnull=False)


def chat_to_call(cut: Cut, dimension: Dimension | None) -> Mapping[Any, Ratio]:
    """The mean of the chats above that of the calls; without the one or the other, no value."""
    talked = measures.get("conversation_time")
    asked = cut.where.get("channel")
    sides: list[Mapping[Any, Times]] = []
    for name in ("chat", "callback"):
        part = cut.with_("channel", name)
        if asked not in (None, name):
            sides.append({})
        else:
            sides.append(talked.by(part, dimension) if dimension else {"": talked.total(part)})
    none = Times(0, None, None, None)
    found = {}
    for key in {**sides[0], **sides[1]}:
        chat, call = (side.get(key, none) for side in sides)
        means = (chat.mean, call.mean) if chat.mean and call.mean else (0, 0)
        found[key] = Ratio(chat.count + call.count, *means)
    return found if dimension else {"": found.get("", Ratio(0, 0, 0))}


def handling_rows(cut: Cut) -> Exchanges:
    """Handled exchanges with `seconds`: a chat from assignment to the end of wrap-up; calls and
    mails by the agent's clock (their work segments)."""
    elapsed = F("handled_at") - F("assigned_at")
    return (
        handled(cut)
        .annotate(
            seconds=Seconds(
                Case(
                    When(channel="chat", then=elapsed),
                    default=_segments(*WorkSegment.Kind.values),
                    output_field=DurationField(),
                )
            )
        )
        .filter(seconds__isnull=False)
    )


def rated(cut: Cut) -> Exchanges:
    return cut.exchanges().filter(score__isnull=False)


# -- by day and by minute, for the pictures


def daily_counts(cut: Cut) -> dict[tuple[date, str], int]:
    """Offered per local day and channel."""
    return dict(measures.get("offered").by_day(cut, registry.dimension("channel")))


def daily_handling(cut: Cut) -> Mapping[tuple[date, str], float]:
    """Mean handling time per local day and channel, seconds."""
    return measures.get("handling_time").means_by_day(cut, registry.dimension("channel"))


def handling_distribution(cut: Cut, channel: str = "chat") -> dict[int, int]:
    """How many handled exchanges per full minute; 30 stands for half an hour and more."""
    if cut.where.get("channel", channel) != channel:
        return {}
    minutes: dict[int, int] = {}
    found = measures.get("handling_time").distribution(cut.with_("channel", channel))
    for seconds, n in found.items():
        minute = min(30, seconds // 60)
        minutes[minute] = minutes.get(minute, 0) + n
    return minutes


def days_inside_band(days: Mapping[tuple[date, str], float]) -> tuple[int, int]:
    """Of chats: (days whose mean lies inside the band, days with a mean)."""
    means = [mean for (_day, channel), mean in days.items() if channel == "chat"]
    return sum(BAND[0] <= mean <= BAND[1] for mean in means), len(means)


def within(rows: QuerySet[Any], seconds: int) -> QuerySet[Any]:
    """Those whose first answer came within that time of the customer's first line."""
    return rows.filter(first_answer_at__lte=F("first_customer_at") + timedelta(seconds=seconds))
