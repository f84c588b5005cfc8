"""Figures in words, in the reader's language."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from crm.reports.figures import Satisfaction
from crm.reports.stats import FEW, difference

NBSP = "\u00a0"


def duration(seconds: float | None) -> str:
    """ "8 min 05 s"; hours from 60 minutes on; a dash when there is none."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}{NBSP}h{NBSP}{whole % 3600 // 60:02d}"
    if whole >= 60:
        return f"{whole // 60}{NBSP}min{NBSP}{whole % 60:02d}"
    return f"{whole}{NBSP}s"


def minutes(seconds: float) -> str:
    """For axes: "8 min"."""
    return f"{number_format(seconds / 60, 0)}{NBSP}min"


def percent(share: float | None, decimals: int = 0) -> str:
    if share is None:
        return "–"
    return f"{number_format(share * 100, decimals)}{NBSP}%"


def signed_percent(share: float) -> str:
    """A change: "+4 %", "−3 %" with a true minus sign."""
    sign = "+" if share >= 0 else "\u2212"
    return f"{sign}{percent(abs(share))}"


def ratio(value: float | None) -> str:
    return "–" if value is None else number_format(value, 2)


def count(value: int) -> str:
    return number_format(value, 0, force_grouping=True)


def satisfaction(one: Satisfaction) -> str:
    """ "82 % (80–84), 1 204 answers"."""
    interval = one.interval
    if one.share is None or interval is None:
        return _("no answer yet")
    return _("%(share)s (%(low)s to %(high)s), answers: %(n)s") % {
        "share": percent(one.share),
        "low": percent(interval[0]),
        "high": percent(interval[1]),
        "n": count(one.answers),
    }


def parity(chat: Satisfaction, call: Satisfaction) -> str:
    """The sentence that managers ask for: does chat satisfy as well as the phone?"""
    if min(chat.answers, call.answers) < FEW:
        return _(
            "Cannot tell yet whether chat satisfies as well as the phone: "
            "%(chat)s answers after a chat, %(call)s after a call, %(few)s needed on each side."
        ) % {"chat": chat.answers, "call": call.answers, "few": FEW}
    found = difference((chat.satisfied, chat.answers), (call.satisfied, call.answers))
    assert found is not None  # noqa: S101 (both sides have answers)
    gap, low, high = found
    words = {
        "chat": percent(chat.share),
        "call": percent(call.share),
        "margin": number_format(max(gap - low, high - gap) * 100, 0),
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
