"""The Monday page: a week against the four before in ten plain sentences, and three things to do.

A change is said only when it is more than chance would make of it; below thirty on a side the
sentence says that nobody can tell."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from math import sqrt
from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from crm import registry
from crm.reports import figures, measures, parity, solution, stats, words
from crm.reports.cut import Cut
from crm.reports.period import Period, zone
from crm.reports.stats import FEW
from crm.reports.values import Share

USUAL = "last_week"
WEEKS = 4
_Z = 1.96
MOST_TO_DO = 3
_WORTH_SAYING = 5  # chats


@dataclass(frozen=True)
class Sentence:
    """`page` (a name of the console) with `query` beside the period is its evidence."""

    text: str
    page: str
    query: str = ""

    @property
    def name(self) -> str:
        return f"admin:{self.page}"


@dataclass(frozen=True)
class Advice:
    """Something to do, and how many contacts it is worth; the page to do it on."""

    worth: int
    text: str
    url: str


def earlier(cut: Cut) -> Cut:
    """Four times as long, just before."""
    length = timedelta(days=len(cut.period.days))
    first = cut.period.first
    return replace(cut, period=Period(first - WEEKS * length, first - timedelta(days=1)))


def sentences(cut: Cut) -> list[Sentence]:
    said: list[Callable[[Cut, Cut], Sentence]] = [
        _offered, _channel, _subject, _answered, _in_time, _handling, _solved, _satisfied, _parity,
        _alone,
    ]  # fmt: skip
    before = earlier(cut)
    return [say(cut, before) for say in said]


# -- counts


def _differs(now: int, before: int) -> bool:
    """Two counts of chance, the second over four times as long (95 %)."""
    return abs(now - before / WEEKS) > _Z * sqrt(now + before / WEEKS**2)


def _offered(cut: Cut, before: Cut) -> Sentence:
    now, then = (measures.get("offered").total(one) for one in (cut, before))
    usual = then / WEEKS
    given = {
        "now": words.count(now),
        "usual": words.count(round(usual)),
        "n": words.count(abs(round(now - usual))),
    }
    if min(now, then) < FEW:
        text = _(
            "%(now)s exchanges came in; in an average week of the four before %(usual)s. Cannot "
            "tell whether that is a change: too few."
        )
    elif not _differs(now, then):
        text = _("%(now)s exchanges came in, about as many as usual (%(usual)s a week).")
    else:
        given["share"] = words.percent(abs(now / usual - 1))
        text = (
            _(
                "%(now)s exchanges came in, %(share)s more than in an average week of the four "
                "before: %(n)s more."
            )
            if now > usual
            else _(
                "%(now)s exchanges came in, %(share)s fewer than in an average week of the four "
                "before: %(n)s fewer."
            )
        )
    return Sentence(text % given, "report_exchanges", "measure=offered")


def _moved(cut: Cut, before: Cut, name: str) -> tuple[Any, int, float] | None:
    """Of one dimension the part that changed most, if more than by chance: (key, now, usual)."""
    dimension, offered = registry.dimension(name), measures.get("offered")
    now, then = offered.by(cut, dimension), offered.by(before, dimension)
    found = [
        (key, now.get(key, 0), then.get(key, 0) / WEEKS)
        for key in {*now, *then}
        if key is not None
        and max(now.get(key, 0), then.get(key, 0)) >= FEW
        and _differs(now.get(key, 0), then.get(key, 0))
    ]
    return max(found, key=lambda one: (abs(one[1] - one[2]), str(one[0])), default=None)


def _said_of(name: str, moved: tuple[Any, int, float]) -> dict[str, str]:
    key, now, usual = moved
    dimension = registry.dimension(name)
    return {
        "what": dimension.label_of(key, dimension.choices()),
        "now": words.count(now),
        "usual": words.count(round(usual)),
        "n": words.count(abs(round(now - usual))),
    }


def _channel(cut: Cut, before: Cut) -> Sentence:
    moved = _moved(cut, before, "channel")
    if moved is None:
        return Sentence(_("No channel has changed by more than chance."), "report_by", "by=channel")
    text = (
        _("%(what)s has grown most: %(now)s exchanges, usually %(usual)s.")
        if moved[1] > moved[2]
        else _("%(what)s has fallen most: %(now)s exchanges, usually %(usual)s.")
    )
    query = urlencode({"measure": "offered", "channel": moved[0]})
    return Sentence(text % _said_of("channel", moved), "report_exchanges", query)


def _subject(cut: Cut, before: Cut) -> Sentence:
    moved = _moved(cut, before, "subject")
    if moved is None:
        return Sentence(_("No subject has changed by more than chance."), "report_by", "by=subject")
    text = (
        _("“%(what)s” is asked about more: %(now)s times, usually %(usual)s: %(n)s more contacts.")
        if moved[1] > moved[2]
        else _(
            "“%(what)s” is asked about less: %(now)s times, usually %(usual)s: %(n)s contacts "
            "fewer."
        )
    )
    query = urlencode({"measure": "offered", "subject": moved[0]})
    return Sentence(text % _said_of("subject", moved), "report_exchanges", query)


# -- shares


def _share(cut: Cut, before: Cut, name: str) -> str:
    """One figure that is a share, in words; better or worse by how it is meant."""
    measure = measures.get(name)
    now, then = measure.total(cut), measure.total(before)
    one = now if isinstance(now, Share) else Share(now.satisfied, now.count)
    other = then if isinstance(then, Share) else Share(then.satisfied, then.count)
    given = {"label": str(measure.label), "n": words.count(one.count),
             "m": words.count(other.count), "few": FEW}  # fmt: skip
    found = stats.difference((one.part, one.count), (other.part, other.count))
    if min(one.count, other.count) < FEW or found is None or one.interval is None:
        text = _(
            "%(label)s: cannot tell; %(n)s in these days, %(m)s in the weeks before, %(few)s "
            "needed on each side."
        )
        return text % given
    gap, low, high = found
    low, high = (low, high) if gap >= 0 else (-high, -low)
    given |= {
        "now": words.percent(one.share),
        "from": words.percent(one.interval[0]),
        "to": words.percent(one.interval[1]),
        "before": words.percent(other.share),
        "low": words.rounded(low * 100),
        "high": words.rounded(high * 100),
    }
    if low <= 0:
        text = _("%(label)s: %(now)s (%(from)s to %(to)s), as in the weeks before (%(before)s).")
    elif gap > 0:
        text = _(
            "%(label)s: %(now)s (%(from)s to %(to)s), up from %(before)s, by %(low)s to %(high)s "
            "points."
        )
    else:
        text = _(
            "%(label)s: %(now)s (%(from)s to %(to)s), down from %(before)s, by %(low)s to %(high)s "
            "points."
        )
    return text % given


def _answered(cut: Cut, before: Cut) -> Sentence:
    text = _share(cut, before, "answer_rate")
    return Sentence(text, "report_exchanges", "measure=answer_rate")


def _in_time(cut: Cut, before: Cut) -> Sentence:
    text = _share(cut, before, "service_level")
    return Sentence(text, "report_exchanges", "measure=service_level")


def _solved(cut: Cut, before: Cut) -> Sentence:
    text = _share(cut, before, "first_contact_resolution")
    if solution.is_provisional(cut):
        provisional = _("Provisional: the seven days are not over.")
        text = f"{text} {provisional}"
    return Sentence(text, "report_exchanges", "measure=first_contact_resolution")


def _satisfied(cut: Cut, before: Cut) -> Sentence:
    text = _share(cut, before, "satisfaction")
    return Sentence(text, "report_exchanges", "measure=satisfaction")


def _parity(cut: Cut, before: Cut) -> Sentence:
    """Of all five weeks: one has too few calls."""
    both = replace(cut, period=Period(before.period.first, cut.period.last))
    found = parity.between(both, "chat", "callback").sentence
    text = _("Over five weeks: %(sentence)s") % {"sentence": found}
    return Sentence(text, "report_satisfaction")


def _alone(cut: Cut, before: Cut) -> Sentence:
    """Visits know neither queue nor channel: of the whole house."""
    whole = replace(cut, where={}, part=None), replace(before, where={}, part=None)
    return Sentence(_share(*whole, "self_service"), "autonomy")


def _handling(cut: Cut, before: Cut) -> Sentence:
    """The band is for the mean of a day."""
    days = figures.daily_handling(cut)
    good, known = figures.days_inside_band(days)
    one = measures.get("handling_time").total(cut.with_("channel", "chat"))
    other = measures.get("handling_time").total(before.with_("channel", "chat"))
    query = "measure=handling_time&channel=chat"
    if min(one.count, other.count) < FEW:
        text = _("Handling time of chats: cannot tell, too few were handled.")
        return Sentence(text, "report_exchanges", query)
    text = _(
        "A chat took %(now)s on average, before %(before)s; the mean of %(good)s of %(days)s days "
        "lies inside 8 to 10 min."
    ) % {
        "now": words.duration(one.mean),
        "before": words.duration(other.mean),
        "good": good,
        "days": known,
    }
    return Sentence(text, "report_exchanges", query)


# -- three things to do


def advice(cut: Cut) -> list[Advice]:
    """What is worth most contacts first; fewer than three where nothing stands out."""
    found = [one for ask in registry.advisers() for one in ask(cut)]
    return sorted(found, key=lambda one: (-one.worth, one.text))[:MOST_TO_DO]


def late_hours(cut: Cut) -> list[Advice]:
    """The hours of the week in which most chats waited too long."""
    late = figures.prompt_rows(cut).exclude(figures.PROMPTLY).exclude(first_customer_at=None)
    rows = late.annotate(
        day=ExtractIsoWeekDay("offered_at", tzinfo=zone()),
        hour=ExtractHour("offered_at", tzinfo=zone()),
    )
    counts = {
        (row["day"], row["hour"]): row["n"]
        for row in rows.order_by().values("day", "hour").annotate(n=Count("pk"))
    }
    if not counts:
        return []
    (day, hour), worth = max(counts.items(), key=lambda one: (one[1], one[0]))
    others = sum(counts.values()) - worth
    if worth < _WORTH_SAYING or worth * (len(counts) - 1) < 2 * others:
        return []  # no hour stands out
    text = _(
        "Plan more people on %(day)s between %(from)s and %(to)s: %(n)s chats waited more than "
        "30 seconds for a first answer, or in vain."
    ) % {
        "day": str(WEEKDAYS[day - 1]).lower(),
        "from": _("%(hour)s:00") % {"hour": hour},
        "to": _("%(hour)s:00") % {"hour": hour + 1},
        "n": words.count(worth),
    }
    found = next(one for one in cut.period.days if one.isoweekday() == day)
    return [Advice(worth, text, _address("report_intraday", {"to": found.isoformat()}))]


def grown_subject(cut: Cut) -> list[Advice]:
    """A subject asked about more: look whether the help answers it."""
    moved = _moved(cut, earlier(cut), "subject")
    if moved is None or moved[1] <= moved[2]:
        return []
    text = _(
        "See whether the help answers “%(what)s”: %(n)s more contacts than in a usual week."
    ) % _said_of("subject", moved)
    query = {**_days(cut), "measure": "offered", "subject": moved[0]}
    return [Advice(round(moved[1] - moved[2]), text, _address("report_exchanges", query))]


def late_complaints(cut: Cut) -> list[Advice]:
    """Complaints of the period whose time passed without an answer."""
    late = measures.get("complaints_in_time")
    missed = late.total(cut)
    worth = missed.count - missed.part
    if not worth:
        return []
    text = _("Answer the complaints that are late or not answered yet: %(n)s of %(all)s.") % {
        "n": words.count(worth),
        "all": words.count(missed.count),
    }
    query = {**_days(cut), "measure": "complaints_in_time"}
    return [Advice(worth, text, _address("report_exchanges", query))]


def _days(cut: Cut) -> dict[str, str]:
    return {"from": cut.period.first.isoformat(), "to": cut.period.last.isoformat(), **cut.where}


def _address(page: str, query: dict[str, Any]) -> str:
    return f"{reverse(f'admin:{page}')}?{urlencode(query)}"


def register() -> None:
    for one in (late_hours, grown_subject, late_complaints):
        registry.register_adviser(one)
