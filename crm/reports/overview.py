"""What the first report page says: sentences, four figures, four pictures."""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm import registry
from crm.reports import figures, measures, words
from crm.reports.charts import plots
from crm.reports.cut import Cut
from crm.reports.stats import FEW
from crm.reports.values import Scores

Series = plots.Series


@dataclass(frozen=True)
class Card:
    """One large figure, with what it is compared with and where it opens."""

    measure: str
    label: str
    value: str
    beside: str
    more: str = ""  # of the address it opens


def _labels(cut: Cut) -> list[str]:
    return [date_format(day, "j M") for day in cut.period.days]


def volumes(cut: Cut) -> plots.Plot:
    """Offered exchanges per day, by channel."""
    found = figures.daily_counts(cut)
    series = [
        Series(c.name, str(c.label), [found.get((day, c.name), 0) for day in cut.period.days])
        for c in registry.channels()
    ]
    return plots.stacked_bars(_("Offered per day"), _labels(cut), series, first_column=_("Day"))


def handling(cut: Cut) -> plots.Plot:
    """Mean chat handling time per day against the band; the call's beside it."""
    series, found = [], figures.daily_handling(cut)
    for channel in registry.channels():
        if channel.name not in ("chat", "callback"):
            continue
        means = [found.get((day, channel.name)) for day in cut.period.days]
        series.append(Series(channel.name, str(channel.label), means, channel.dash))
    return plots.lines(
        _("Mean handling time per day"),
        _labels(cut),
        series,
        say=words.minutes,
        unit=60,
        band=figures.BAND,
        band_label=_("8 to 10 min"),
        first_column=_("Day"),
    )


def distribution(cut: Cut) -> plots.Plot:
    """How long single chats took, in full minutes: few lie in the band, and that is normal."""
    found = figures.handling_distribution(cut)
    labels = [*(str(n) for n in range(30)), "30+"]
    series = [Series("chat", _("Chats"), [found.get(n, 0) for n in range(31)])]
    return plots.stacked_bars(
        _("Chats by handling time, in minutes"), labels, series, first_column=_("Minutes")
    )


def _estimate(name: str, label: str, one: Scores) -> plots.Estimate:
    low, high = one.interval or (0.0, 1.0)
    said = words.satisfaction(one)
    return plots.Estimate(name, label, one.share, low, high, said, one.count < FEW)


def satisfaction(cut: Cut) -> plots.Plot:
    """Share of 4 and 5 by channel, each on its interval."""
    found = measures.get("satisfaction").by_channel(cut)
    none = Scores({}, 4)
    rows = [_estimate(c.name, str(c.label), found.get(c.name, none)) for c in registry.channels()]
    return plots.intervals(
        _("Satisfaction by channel"), rows, head=[_("Channel"), _("Satisfied, with 95 % interval")]
    )


PLOTS = {
    "volumes": volumes,
    "handling": handling,
    "satisfaction": satisfaction,
    "distribution": distribution,
}


def _change(now: int, before: int) -> str:
    if not before:
        return _("nothing to compare with in the days before")
    return _("%(change)s on the days before") % {
        "change": words.signed_percent((now - before) / before)
    }


def answer_rate(name: str, answered: int, offered: int) -> Card:
    beside = {"answered": words.count(answered), "offered": words.count(offered)}
    return Card(
        name,
        _("Answer rate"),
        words.percent(answered / offered if offered else None),
        _("%(answered)s of %(offered)s answered") % beside,
    )


def cards(cut: Cut) -> list[Card]:
    """The four figures on top."""
    offered = measures.get("offered").total(cut)
    answered = measures.get("answered").total(cut)
    before = measures.get("offered").total(cut.before())
    chat = measures.get("handling_time").by_channel(cut).get("chat")
    good, days = figures.days_inside_band(figures.daily_handling(cut))
    happy = measures.get("satisfaction").total(cut)
    return [
        Card("offered", _("Offered"), words.count(offered), _change(offered, before)),
        answer_rate("answered", answered, offered),
        Card(
            "handling_time",
            _("Mean chat handling time"),
            words.duration(chat.mean if chat else None),
            _("%(good)s of %(days)s days inside 8 to 10 min") % {"good": good, "days": days},
            "channel=chat",
        ),
        Card(
            "satisfaction",
            _("Satisfaction"),
            words.percent(happy.share),
            words.satisfaction(happy),
        ),
    ]


def times_table(cut: Cut) -> list[list[str]]:
    """Conversation and handling time by channel: mean, median and p90 together."""
    talk = measures.get("conversation_time").by_channel(cut)
    work = measures.get("handling_time").by_channel(cut)
    table = []
    for channel in registry.channels():
        for label, found in ((_("conversation"), talk), (_("handling"), work)):
            if one := found.get(channel.name):
                figures_in_words = [words.duration(v) for v in (one.mean, one.median, one.p90)]
                table.append(
                    [f"{channel.label}, {label}", *figures_in_words, words.count(one.count)]
                )
    return table


def sentences(cut: Cut) -> list[str]:
    """What the pictures say, for whoever reads only the top of the page."""
    happy = measures.get("satisfaction").by_channel(cut)
    none = Scores({}, 4)
    said = [words.parity(happy.get("chat", none), happy.get("callback", none))]
    talk = measures.get("chat_to_call").total(cut)
    if talk.above and talk.below:
        said.append(
            _(
                "A chat conversation lasts %(ratio)s times as long as a call (%(chat)s against "
                "%(call)s on average)."
            )
            % {
                "ratio": words.ratio(talk.value),
                "chat": words.duration(talk.above),
                "call": words.duration(talk.below),
            }
        )
    return said


def context(cut: Cut) -> dict[str, Any]:
    return {
        "cards": cards(cut),
        "sentences": sentences(cut),
        "plots": [(name, build(cut)) for name, build in PLOTS.items()],
        "times": times_table(cut),
    }
