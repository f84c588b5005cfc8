"""What agents said: the pulse beside customers' answers, and ready texts they had to change.

A pulse is a group's or nobody's, so its figures open no exchanges and cannot be cut by person."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet, Value

from crm import registry
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


Groups = dict[Any, tuple[set[int], Share]]


def _shares(cut: Cut, dimension: Dimension | None, name: str) -> Found:
    """Of fewer than GROUP people: nothing of nothing. Nor of others, where subtracting them from
    the whole would tell what those few said."""
    groups = _groups(cut, dimension, name)
    told = _told(groups) if _may_be_told(cut, name) else set()
    shares = {key: share if key in told else Share(0, 0) for key, (_who, share) in groups.items()}
    return shares if dimension else {"": shares.get("", Share(0, 0))}


def _may_be_told(cut: Cut, name: str) -> bool:
    """Whether each filter asks for what is told beside its siblings."""
    for one, value in cut.where.items():
        dimension = registry.dimension(one)
        rest = {key: value for key, value in cut.where.items() if key != one}
        groups = _groups(replace(cut, where=rest), dimension, name)
        if not _told(groups).issuperset(groups.keys() & set(dimension.keys(value))):
            return False
    return True


def _told(groups: Groups) -> set[Any]:
    """Those of GROUP people, less the smallest of them where the others are too few together."""
    told = {key for key, (who, _share) in groups.items() if len(who) >= GROUP}
    hidden = set().union(*(who for key, (who, _share) in groups.items() if key not in told))
    for key in sorted(told, key=lambda one: (len(groups[one][0]), str(one))):
        if not hidden or len(hidden) >= GROUP:
            break
        told.remove(key)
        hidden |= groups[key][0]
    return told


def _groups(cut: Cut, dimension: Dimension | None, name: str) -> Groups:
    """{key: (who answered, what they said)}."""
    key = dimension.path(OF_PULSE, cut.period) if dimension else Value("")
    rows = pulses(cut).exclude(**{name: None}).order_by().values(group_key=key)
    found: Any = rows.annotate(
        who=ArrayAgg("agent", distinct=True), n=Count("pk"), yes=Count("pk", Q(**{name: True}))
    )
    return {row["group_key"]: (set(row["who"] or ()), Share(row["yes"], row["n"])) for row in found}


def replies_used(cut: Cut) -> QuerySet[ReplyUse]:
    rows = ReplyUse.objects.filter(at__gte=cut.period.start, at__lt=cut.period.end)
    return cut.narrow(rows, OF_USE)
