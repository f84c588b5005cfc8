"""The figures by an own field, of the exchanges or of whoever they are with."""

from dataclasses import dataclass

from django.db.models import Count, Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from crm.models import OwnField
from crm.reports import words
from crm.reports.cut import Cut, Part
from crm.reports.values import Share
from crm.services import own_fields

MOST = 20
ABOUT = [OwnField.About.INTERACTION, OwnField.About.CUSTOMER]


@dataclass(frozen=True)
class Line:
    """One value of the field; `value` is "" where nothing is filled in."""

    value: str
    label: str
    offered: str
    answered: str
    satisfied: str


def fields() -> list[OwnField]:
    """What can be broken down by."""
    return list(OwnField.objects.filter(about__in=ABOUT, is_active=True).order_by("about", "pk"))


def lines(cut: Cut, field: OwnField) -> list[Line]:
    """The most frequent values first."""
    part = Cast(own_fields.typed(field, Part.path(field)), TextField())
    found = (
        cut.exchanges()
        .annotate(part=part)
        .order_by()
        .values("part")
        .annotate(
            n=Count("pk"),
            answered=Count("pk", filter=Q(first_answer_at__isnull=False)),
            rated=Count("score"),
            good=Count("pk", filter=Q(score__gte=4)),
        )
        .order_by("-n", "part")[:MOST]
    )
    return [
        Line(
            value=_plain(field, row["part"]),
            label=_label(field, row["part"]),
            offered=words.count(row["n"]),
            answered=words.percent(row["answered"] / row["n"]),
            satisfied=words.satisfaction(Share(row["good"], row["rated"])),
        )
        for row in found
    ]


def _plain(field: OwnField, part: str | None) -> str:
    return "" if part is None else str(own_fields.parse(field, part))


def _label(field: OwnField, part: str | None) -> str:
    if part is None:
        return _("not filled in")
    return own_fields.display(field, own_fields.parse(field, part))
