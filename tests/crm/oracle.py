"""The same figures counted in plain Python from the stories: no query, no shared code."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.crm.month import PARIS, SIX_HOURS, Story, state_of

TOP = {"remote": "tv", "decoder": "tv", "tv": "tv", "sim": "sim"}  # second level, or above
BELOW = {"tv": ("tv", "remote", "decoder"), "remote": ("remote",)}
WEEK = timedelta(days=7)
Test = Callable[[Story], bool]


@dataclass
class Month:
    told: list[Story]
    start: datetime
    end: datetime
    now: datetime

    def counts(self, s: Story) -> bool:
        return s.outcome not in ("spam", "merged")

    def gone_at_once(self, s: Story) -> bool:
        if s.spoke or s.answer or not s.closed:
            return False
        return s.closed - s.offered < timedelta(seconds=10)

    def inside(self, at: datetime | None) -> bool:
        return at is not None and self.start <= at < self.end

    def offered(self, s: Story) -> bool:
        return self.inside(s.offered) and self.counts(s) and not self.gone_at_once(s)

    def answered(self, s: Story) -> bool:
        return self.offered(s) and s.answer is not None

    def handled(self, s: Story) -> bool:
        return self.answered(s) and s.closed is not None

    def left(self, s: Story) -> bool:
        return self.offered(s) and bool(s.closed) and not s.answer

    def back(self, s: Story) -> bool:
        """The same person, the same second level, within a week of the closing."""
        if not s.subject:
            return False
        return any(
            other.customer == s.customer
            and self.counts(other)
            and other.subject
            and TOP[other.subject] == TOP[s.subject]
            and s.offered < other.offered <= s.closed + WEEK
            for other in self.told
        )

    def at_once(self, s: Story) -> bool:
        return (
            s.outcome in ("solved", "informed", "order")
            and not s.reopened
            and not self.back(s)
            and s.agent == s.answered_by
        )

    def parallel(self, s: Story) -> int | None:
        if s.channel != "chat" or not s.assigned or not s.closed:
            return None
        others = sum(
            o.channel == "chat" and o.answered_by == s.agent and o.number != s.number
            and o.assigned is not None and o.assigned <= s.assigned < o.last
            for o in self.told
        )  # fmt: skip
        return min(3, others + 1)

    def is_open(self, s: Story) -> bool:
        """Of the mobile queue; the box's never closes."""
        local = s.offered.astimezone(PARIS)
        return local.weekday() < 6 and 8 <= local.hour < 20


def seconds(span: timedelta) -> float:
    return span.total_seconds()


def conversation(s: Story) -> float | None:
    if s.channel == "mail" or not s.last:
        return None
    return seconds(s.last - (s.assigned if s.channel == "callback" else s.offered))


def handling(s: Story) -> float | None:
    if not s.assigned or not s.closed or not s.last:
        return None
    if s.channel == "chat":
        return seconds(s.closed - s.assigned)
    return seconds(s.last - s.assigned) + s.wrap_up


def rows(m: Month) -> dict[str, Test]:
    """Which stories stand behind each figure."""
    has = lambda name: lambda s: getattr(s, name) is not None  # noqa: E731
    chat = lambda s: m.offered(s) and s.channel == "chat"  # noqa: E731
    replied = lambda s: m.offered(s) and state_of(s) == "answered"  # noqa: E731
    complaint = lambda s: s.is_complaint and m.inside(s.offered + SIX_HOURS) and m.counts(s)  # noqa: E731
    end = min(m.end, m.now)
    return {
        "offered": m.offered,
        "answered": m.answered,
        "answer_rate": m.offered,
        "abandoned": lambda s: m.left(s) and s.outcome in ("abandoned", "cancelled", "silent"),
        "short_abandoned": lambda s: m.inside(s.offered) and m.counts(s) and m.gone_at_once(s),
        "reported": lambda s: m.left(s) and s.outcome == "handed_on",
        "handled": m.handled,
        "closed": lambda s: m.inside(s.closed) and m.counts(s),
        "waiting_time": lambda s: m.offered(s) and s.assigned is not None,
        "first_answer_time": m.answered,
        "service_level": chat,
        "in_target": lambda s: m.offered(s) and bool(s.target),
        "conversation_time": lambda s: m.handled(s) and s.channel != "mail",
        "chat_to_call": lambda s: m.handled(s) and s.channel != "mail",
        "handling_time": m.handled,
        "satisfaction": lambda s: m.offered(s) and s.score is not None,
        "first_contact_resolution": m.handled,
        "repeat_rate": m.handled,
        "reopened": m.handled,
        "transferred": m.handled,
        "backlog": lambda s: m.counts(s) and s.offered < end and not (s.closed and s.closed < end),
        "complaints": complaint,
        "complaints_founded": lambda s: complaint(s) and s.complaint is not None,
        "complaints_in_time": complaint,
        "complaints_open": lambda s: (
            s.is_complaint and m.counts(s) and s.offered + SIX_HOURS < end
            and not (s.closed and s.closed < end)
        ),
        "invited": lambda s: m.offered(s) and s.origin == "invitation",
        "chat_orders": lambda s: m.offered(s) and s.amount is not None,
        "conversion": chat,
        "amount_sold": lambda s: m.offered(s) and s.amount is not None,
        "effort": lambda s: replied(s) and has("effort")(s),
        "recommendation": lambda s: replied(s) and has("recommendation")(s),
        "declared_resolution": lambda s: replied(s) and has("solved")(s),
        "response_rate": lambda s: m.offered(s) and state_of(s) in ("sent", "answered"),
        "surveyed": lambda s: m.offered(s) and s.closed is not None,
        "blind_spot": lambda s: m.offered(s) and s.closed is not None,
        "callbacks_on_time": lambda s: (
            m.offered(s) and s.channel == "callback"
            and not (s.outcome == "cancelled" and not s.dialled)
        ),
        "workload": m.handled,
        "cost": m.handled,
    }  # fmt: skip


def parts(m: Month) -> dict[str, Test]:
    """Of a share: the stories that are so."""
    prompt = timedelta(seconds=30)
    return {
        "answer_rate": lambda s: s.answer is not None,
        "service_level": lambda s: bool(s.answer and s.spoke and s.answer - s.spoke <= prompt),
        "in_target": lambda s: s.target == "kept",
        "first_contact_resolution": m.at_once,
        "repeat_rate": m.back,
        "reopened": lambda s: s.reopened > 0,
        "transferred": lambda s: s.agent != s.answered_by,
        "complaints_founded": lambda s: s.complaint is True,
        "complaints_in_time": lambda s: bool(
            s.closed and s.closed <= s.offered + timedelta(minutes=5)
        ),
        "conversion": lambda s: s.amount is not None,
        "declared_resolution": lambda s: s.solved is True,
        "response_rate": lambda s: state_of(s) == "answered",
        "surveyed": lambda s: state_of(s) in ("sent", "answered"),
        "blind_spot": lambda s: s.verdict == "no_address",
        "callbacks_on_time": lambda s: s.dialled == "in time",
    }


def times(m: Month) -> dict[str, Callable[[Story], float | None]]:
    end = min(m.end, m.now)
    return {
        "waiting_time": lambda s: seconds(s.assigned - s.offered),
        "first_answer_time": lambda s: seconds(s.answer - s.spoke),
        "conversation_time": conversation,
        "handling_time": handling,
        "backlog": lambda s: seconds(end - s.offered),
        "complaints_open": lambda s: seconds(end - s.offered - SIX_HOURS),
    }


STEPS = {"satisfaction": "score", "effort": "effort", "recommendation": "recommendation"}


def keys(m: Month) -> dict[str, Callable[[Story], Any]]:
    """Under what each story counts, per dimension; None is "without any"."""
    return {
        "channel": lambda s: s.channel,
        "queue": lambda s: s.queue,
        "place": lambda s: s.place,
        "team": lambda s: s.place,
        "agent": lambda s: s.agent,
        "subject": lambda s: s.subject,
        "language": lambda s: s.language,
        "device": lambda s: s.device or None,
        "origin": lambda s: s.origin or None,
        "hours": lambda s: "open" if s.queue == "box" or m.is_open(s) else "closed",
        "parallel": m.parallel,
        "incident": lambda s: "with" if s.incident else "without",
        "rule": lambda s: "rule" if s.rule else None,
        "came": lambda s: "direct",  # no story has a visit, and none goes on
        "then": lambda s: "end",
    }


def percentile(values: list[float], share: float) -> float:
    """As SQL's percentile_cont: between two neighbours, in proportion; to the second up to one
    hour, to the minute above."""
    ordered = sorted(value // 1 if value <= 3600 else value // 60 * 60 for value in values)
    place = Fraction(share).limit_denominator(100) * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + float(place - low) * (ordered[high] - ordered[low])


def workload(m: Month) -> dict[int, float]:
    """Every stretch between two changes is shared by what is open with the agent in it."""
    work: dict[str, list[tuple[datetime, datetime, int]]] = {"bea": [], "carl": []}
    for s in m.told:
        if s.assigned and s.last and s.agent and s.answered_by:
            work[s.answered_by].append((s.assigned, s.last, s.number))
            work[s.agent].append((s.last, s.last + timedelta(seconds=s.wrap_up), s.number))
    spent: dict[int, float] = {}
    for stretches in work.values():
        marks = sorted({moment for since, until, _n in stretches for moment in (since, until)})
        for left, right in zip(marks, marks[1:], strict=False):
            busy = [n for since, until, n in stretches if since <= left and right <= until]
            for n in busy:
                spent[n] = spent.get(n, 0) + seconds(right - left) / len(busy)
    return spent
