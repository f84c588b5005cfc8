"""Shown, withheld and why, answered how, and what came of it, for one stretch of days.

An invitation counts on the day of its decision; what came of it is its chat's."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, ExtractHour, TruncDate
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from chat.models import Invitation
from crm.models import Interaction
from crm.reports import measures, words
from crm.reports.charts import plots
from crm.reports.cut import Cut
from crm.reports.period import Period, zone
from crm.reports.values import Share

State, Reason = Invitation.State, Invitation.Reason
_LOST = {Reason.NOBODY: "chat", Reason.CLOSED: "mail"}
_SPOKE = Q(interaction__first_customer_at__isnull=False)
_SOLVED = Q(interaction__outcome=Interaction.Outcome.SOLVED)
_SOLD = Q(interaction__chat__order_amount__isnull=False)


# how a decision tells by what the figures are cut
OF_INVITATION = {
    "queue": "queue__slug",
    "agent": "agent",
    "team": "agent__team",
    "place": "agent__team__place",
    "subject": Coalesce("subject__merged_into", "subject"),
    "device": "visit__device",
    "language": "visit__language",
    "rule": "rule",
}


def rule_of_exchange(period: Period) -> F:
    return F("invitation__rule")


def decisions(cut: Cut) -> QuerySet[Any]:
    rows = Invitation.objects.filter(
        created_at__gte=cut.period.start, created_at__lt=cut.period.end
    )
    return cut.narrow(rows, OF_INVITATION)


def shown(cut: Cut) -> QuerySet[Any]:
    return decisions(cut).exclude(state=State.WITHHELD)


def withheld(cut: Cut) -> QuerySet[Any]:
    return decisions(cut).filter(state=State.WITHHELD)


def lost(cut: Cut) -> QuerySet[Any]:
    """Nobody was there for somebody who would have been invited."""
    return withheld(cut).filter(reason__in=list(_LOST))


@dataclass(frozen=True)
class Figures:
    """The page's large figures."""

    shown: int
    withheld: int
    accepted: int
    refused: int
    expired: int
    withdrawn: int
    silent: int  # accepted, then not a word
    solved: int
    sold: int
    amount: Decimal

    def share(self, part: int) -> str:
        return words.percent(part / self.shown if self.shown else None)


def figures(cut: Cut) -> Figures:
    accepted = Q(state=State.ACCEPTED)
    found = decisions(cut).aggregate(
        shown=Count("pk", filter=~Q(state=State.WITHHELD)),
        withheld=Count("pk", filter=Q(state=State.WITHHELD)),
        accepted=Count("pk", filter=accepted),
        refused=Count("pk", filter=Q(state=State.REFUSED)),
        expired=Count("pk", filter=Q(state=State.EXPIRED)),
        withdrawn=Count("pk", filter=Q(state=State.WITHDRAWN)),
        silent=Count("pk", filter=accepted & ~_SPOKE),
        solved=Count("pk", filter=accepted & _SOLVED),
        sold=Count("pk", filter=accepted & _SOLD),
        amount=Sum("interaction__chat__order_amount", default=Decimal(0)),
    )
    return Figures(**found)


def reasons(cut: Cut) -> list[tuple[str, int]]:
    """Withheld, the frequent reason first."""
    found = (
        withheld(cut).order_by().values("reason").annotate(n=Count("pk")).order_by("-n", "reason")
    )
    return [(str(Reason(row["reason"]).label), row["n"]) for row in found]


def lost_by_hour(cut: Cut) -> plots.Plot:
    """Visitors whom a rule would have invited, by the hour in which nobody was there for them."""
    rows = lost(cut).annotate(hour=ExtractHour("created_at", tzinfo=zone()))
    found = {
        (row["hour"], row["reason"]): row["n"]
        for row in rows.order_by().values("hour", "reason").annotate(n=Count("pk"))
    }
    series = [
        plots.Series(name, str(Reason(code).label), [found.get((h, code), 0) for h in range(24)])
        for code, name in _LOST.items()
    ]
    labels = [f"{hour}{words.NBSP}h" for hour in range(24)]
    return plots.stacked_bars(
        _("Lost opportunities by hour"), labels, series, first_column=_("Hour")
    )


def by_day(cut: Cut) -> plots.Plot:
    """Shown, and of them accepted."""
    accepted = measures.get("invitations_accepted")
    found = accepted.by_path(cut, TruncDate("created_at", tzinfo=zone()))
    days = [found.get(day, Share(0, 0)) for day in cut.period.days]
    series = [
        plots.Series("chat", _("accepted"), [one.part for one in days]),
        plots.Series("selfcare", _("shown, not accepted"), [one.count - one.part for one in days]),
    ]
    labels = [date_format(day, "j M") for day in cut.period.days]
    return plots.stacked_bars(_("Invitations shown per day"), labels, series, first_column=_("Day"))


def by_agent(cut: Cut) -> list[dict[str, Any]]:
    """What came of those that were shown for each, in the alphabet's order: nobody is ranked."""
    accepted = Q(state=State.ACCEPTED)
    rows = shown(cut).order_by().values(name=F("agent__display_name"))
    found = rows.annotate(
        shown=Count("pk"),
        accepted=Count("pk", filter=accepted),
        spoke=Count("pk", filter=accepted & _SPOKE),
        solved=Count("pk", filter=accepted & _SOLVED),
        sold=Count("pk", filter=accepted & _SOLD),
        amount=Sum("interaction__chat__order_amount", default=Decimal(0)),
    ).order_by("name")
    return [{**row, "rate": words.percent(row["accepted"] / row["shown"])} for row in found[:200]]


def invited(cut: Cut) -> QuerySet[Interaction]:
    """Exchanges that an accepted invitation began."""
    return cut.exchanges().filter(origin=Interaction.Origin.INVITATION)


def sold(cut: Cut) -> QuerySet[Interaction]:
    """Exchanges that led to an order with its amount."""
    return cut.exchanges().filter(chat__order_amount__isnull=False)


def chats(cut: Cut) -> QuerySet[Interaction]:
    return cut.exchanges().filter(channel="chat")
