"""Today so far, beside what is usual at this hour: what stands above the live board."""

from django.utils.translation import gettext as _

from crm.reports import intraday, measures, words
from crm.reports.cut import Cut
from crm.reports.overview import Card, answer_rate
from crm.reports.period import HALF_HOUR
from crm.reports.values import Share, Times


def cards(cut: Cut, found: list[intraday.HalfHour]) -> list[Card]:
    """Of the day's half hours that have begun."""
    offered = sum(one.offered for one in found)
    answered = sum(one.answered for one in found)
    level: Share = measures.get("service_level").total(cut)
    handling: Times = measures.get("handling_time").total(cut.with_("channel", "chat"))
    waiting: Times = measures.get("backlog").total(cut)
    return [
        Card("offered", _("Offered today"), words.count(offered), _usual(found)),
        answer_rate("answer_rate", answered, offered),
        Card(
            "service_level",
            _("Chats within 30 s"),
            words.percent(level.share),
            words.beside(level),
        ),
        Card(
            "handling_time",
            _("Mean chat handling time"),
            words.duration(handling.mean),
            _("usual band: 8 to 10 min"),
            "channel=chat",
        ),
        Card(
            "backlog",
            _("Open now"),
            words.count(waiting.count),
            words.beside(waiting, "exchanges"),
        ),
    ]


def _usual(found: list[intraday.HalfHour]) -> str:
    known = [one.usual for one in found if one.usual is not None]
    if not known:
        return _("nothing to compare with in the weeks before")
    return _("usually %(n)s by %(time)s") % {
        "n": words.count(round(sum(known))),
        "time": f"{found[-1].since + HALF_HOUR:%H:%M}",
    }
