"""What agents said: the pulse beside customers' answers, and ready texts they had to change.

A pulse is a group's or nobody's, so its figures open no exchanges and cannot be cut by person."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet, Value

from crm.models import ExchangePulse, ReplyUse
from crm.reports.cut import Cut
from crm.reports.dimensions import Dimension
from crm.reports.measures import Found
from crm.reports.values import Share
from crm.services.agent_pulse import GROUP

OF_PULSE: Mapping[str, Any] = {
    "channel": "interaction__channel",
    "queue": "interaction__queue__slug",
    "language": "interaction__language",
    "team": "agent__team",
    "place": "agent__team__place",
}
# a use names no agent: the words are measured, not people
OF_USE: Mapping[str, Any] = {
    "channel": "interaction__channel",
    "queue": "interaction__queue__slug",
    "language": "interaction__language",
}
EDITED = Q(edited=True)


def pulses(cut: Cut) -> QuerySet[ExchangePulse]:
    rows = ExchangePulse.objects.filter(at__gte=cut.period.start, at__lt=cut.period.end)
    return cut.narrow(rows, OF_PULSE)


def explicit(cut: Cut, dimension: Dimension | None) -> Found:
    return _shares(cut, dimension, "explicit")


def cordial(cut: Cut, dimension: Dimension | None) -> Found:
    return _shares(cut, dimension, "cordial")


def _shares(cut: Cut, dimension: Dimension | None, name: str) -> Found:
    """Of fewer than GROUP people: nothing of nothing."""
    key = dimension.path(OF_PULSE, cut.period) if dimension else Value("")
    rows = pulses(cut).exclude(**{name: None}).order_by().values(group_key=key)
    found: Any = rows.annotate(
        people=Count("agent", distinct=True), n=Count("pk"), yes=Count("pk", Q(**{name: True}))
    )
    shares = {
        row["group_key"]: Share(row["yes"], row["n"]) if row["people"] >= GROUP else Share(0, 0)
        for row in found
    }
    return shares if dimension else {"": shares.get("", Share(0, 0))}


def replies_used(cut: Cut) -> QuerySet[ReplyUse]:
    rows = ReplyUse.objects.filter(at__gte=cut.period.start, at__lt=cut.period.end)
    return cut.narrow(rows, OF_USE)
