"""Figures in words, in the reader's language."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from crm.reports.stats import FEW, difference
from crm.reports.values import Amount, AtOnce, Points, Ratio, Scores, Share, Times, Value

NBSP = "\u00a0"
NOTHING = "–"


def duration(seconds: float | None) -> str:
    """ "8 min 05 s"; hours from 60 minutes on; a dash when there is none."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}{NBSP}h{NBSP}{whole % 3600 // 60:02d}"
    if whole >= 60:
        return f"{whole // 60}{NBSP}min{NBSP}{whole % 60:02d}"
    return f"{whole}{NBSP}s"


def rounded(value: float | Decimal, decimals: int = 0, **style: Any) -> str:
    """As people round, halves up; Django's own cuts the rest off."""
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(str(value)).quantize(step, ROUND_HALF_UP)
    return number_format(exact, decimals, **style)


def minutes(seconds: float) -> str:
    """For axes: "8 min"."""
    return f"{rounded(seconds / 60, 0)}{NBSP}min"


def percent(share: float | None, decimals: int = 0) -> str:
    if share is None:
        return NOTHING
    return f"{rounded(share * 100, decimals)}{NBSP}%"


def signed_percent(share: float) -> str:
    """A change: "+4 %", "−3 %" with a true minus sign."""
    sign = "+" if share >= 0 else "\u2212"
    return f"{sign}{percent(abs(share))}"


def ratio(value: float | None) -> str:
    return NOTHING if value is None else rounded(value, 2)


def count(value: int) -> str:
    return rounded(value, 0, force_grouping=True)


def number(value: float) -> str:
    """A median or a mean of counts: "4", "4.5"."""
    return rounded(value, 0 if value == round(value) else 1)


def value(unit: str, one: Value | None) -> str:
    """Any figure, as short as a table's cell."""
    if one is None:
        return NOTHING
    if isinstance(one, int):
        return count(one)
    if isinstance(one, Times):
        return count(one.count) if unit == "exchanges" else duration(one.mean)
    if isinstance(one, Points):
        return NOTHING if one.points is None else signed(one.points)
    if isinstance(one, Scores) and unit == "score":
        return NOTHING if one.mean is None else rounded(one.mean, 1)
    if isinstance(one, Scores | Share):
        return percent(one.share)
    if isinstance(one, Amount):
        return euros(one.total)
    return _of_ratio(unit, one)


def _of_ratio(unit: str, one: Ratio) -> str:
    said: dict[str, Any] = {
        "share": percent,
        "duration": duration,
        "time": duration,
        "euros": lambda found: NOTHING if found is None else euros(found),
    }
    return str(said.get(unit, ratio)(one.value))


def beside(one: Value, unit: str = "") -> str:
    """What it rests on: the interval, from FEW answers on, and how many."""
    if isinstance(one, Times):
        given = {name: duration(getattr(one, name)) for name in ("mean", "median", "p90")}
        if unit == "exchanges":
            return _("age %(mean)s on average, median %(median)s, p90 %(p90)s") % given
        return _("median %(median)s, p90 %(p90)s") % given
    if isinstance(one, Scores):
        answers = _("answers: %(n)s") % {"n": count(one.count)}
        return ", ".join([*_interval(one, unit), answers])
    if isinstance(one, AtOnce) and one.shares:
        shares = [percent(share) for share in one.shares]
        return _("one: %(one)s, two: %(two)s, three and more: %(three)s") % dict(
            zip(("one", "two", "three"), shares, strict=True)
        )
    if isinstance(one, Share):
        return _("%(part)s of %(all)s") % {"part": count(one.part), "all": count(one.count)}
    return ""


def _interval(one: Scores, unit: str) -> list[str]:
    """With 95 %; below FEW answers it would say nothing."""
    if one.count < FEW:
        return []
    said: Callable[[float], str] = percent
    found = one.interval
    if isinstance(one, Points):
        found, said = one.points_interval, signed
    elif unit == "score":
        found, said = one.mean_interval, _one_decimal
    if found is None:
        return []
    low, high = map(said, found)
    interval = _("%(low)s to %(high)s") % {"low": low, "high": high}
    if unit != "score":
        return [interval]
    steps = {"good": one.good, "most": max(one.steps), "share": percent(one.share)}
    return [interval, _("%(good)s to %(most)s: %(share)s") % steps]


def _one_decimal(value: float) -> str:
    return rounded(value, 1)


def signed(points: float) -> str:
    """Points of recommendation: "+18"."""
    sign = "+" if points >= 0 else "\u2212"
    return f"{sign}{rounded(abs(points), 0)}"


def euros(amount: float | Decimal) -> str:
    return f"{rounded(amount, 2, force_grouping=True)}{NBSP}€"


def satisfaction(one: Scores | Share) -> str:
    """ "82 % (80–84), 1 204 answers"."""
    interval = one.interval
    if one.share is None or interval is None:
        return _("no answer yet")
    return _("%(share)s (%(low)s to %(high)s), answers: %(n)s") % {
        "share": percent(one.share),
        "low": percent(interval[0]),
        "high": percent(interval[1]),
        "n": count(one.count),
    }


def parity(chat: Scores, call: Scores) -> str:
    """The sentence that managers ask for: does chat satisfy as well as the phone?"""
    if min(chat.count, call.count) < FEW:
        return _(
            "Cannot tell yet whether chat satisfies as well as the phone: "
            "%(chat)s answers after a chat, %(call)s after a call, %(few)s needed on each side."
        ) % {"chat": chat.count, "call": call.count, "few": FEW}
    found = difference((chat.satisfied, chat.count), (call.satisfied, call.count))
    assert found is not None  # noqa: S101 (both sides have answers)
    gap, low, high = found
    words = {
        "chat": percent(chat.share),
        "call": percent(call.share),
        "margin": rounded(max(gap - low, high - gap) * 100, 0),
    }
    if low > 0:
        text = _(
            "Chat satisfies more than the phone: %(chat)s against %(call)s, "
            "give or take %(margin)s points."
        )
    elif high < 0:
        text = _(
            "Chat satisfies less than the phone: %(chat)s against %(call)s, "
            "give or take %(margin)s points."
        )
    else:
        text = _(
            "Chat satisfies as much as the phone: %(chat)s against %(call)s, "
            "give or take %(margin)s points."
        )
    return text % words
