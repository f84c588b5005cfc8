"""One question to the reports, and the exchanges it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm import registry
from crm.models import Customer, Interaction, OwnField
from crm.reports import dimensions
from crm.reports.period import BadQuestion, Period, asked_period
from crm.reports.rollup.carried import FIELDS
from crm.services import own_fields

if TYPE_CHECKING:
    from crm.reports.rollup.reading import Instant

YEAR = "year"
RAW_DAYS = 31
SHORT_SECONDS = 10  # who is gone so soon, without a word, asked for nobody (docs/figures.md)


@dataclass(frozen=True)
class Part:
    """The exchanges with one value of an own field; "" are those where nothing is filled in."""

    field: OwnField
    value: str

    @staticmethod
    def path(field: OwnField) -> str:
        """From an exchange to the values."""
        return "own" if field.about == OwnField.About.INTERACTION else f"{field.about}__own"

    def of(self, rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
        if not self.value:
            return rows.exclude(**{f"{self.path(self.field)}__has_key": self.field.key})
        if self.field.about == OwnField.About.INTERACTION:
            return own_fields.narrowed(rows, self.field, self.value)
        people = own_fields.narrowed(Customer.all_rows.all(), self.field, self.value)
        return rows.filter(customer__in=people)

    @property
    def label(self) -> str:
        value = own_fields.parse(self.field, self.value)
        return f"{self.field.name}: {own_fields.display(self.field, value) or _('not filled in')}"


@dataclass(frozen=True)
class Cut:
    """Which days, and which part of the house: {name of a dimension: value as in an address}."""

    period: Period
    where: Mapping[str, str] = field(default_factory=dict)
    part: Part | None = None
    versus: str = ""  # what it is compared with: the days before, or YEAR
    is_raw: bool = False  # asked for by what is not kept ready: the rows themselves are read
    asked: Period | None = None  # the days asked for, where that was too many
    # with which other questions it is asked together; None: alone
    instant: "Instant | None" = field(default=None, compare=False, repr=False)

    def exchanges(self) -> QuerySet[Interaction]:
        """The exchanges that count: each on the day on which it was offered (docs/figures.md).

        One definition for every figure, so that pages agree: spam is never offered, what was
        merged counts where it went, and who was gone at once asked for nobody."""
        return self.during("offered_at").exclude(gone_at_once())

    def during(self, moment: str) -> QuerySet[Interaction]:
        """The same part of the house, by another moment than the asking."""
        return self.narrowed(
            Interaction.objects.exclude(outcome__in=Interaction.NOT_COUNTED).filter(
                self.period.within(moment)
            )
        )

    def narrowed(self, rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
        """These exchanges, of this part of the house."""
        rows = self.narrow(rows, {})
        return self.part.of(rows) if self.part else rows

    def narrow(self, rows: QuerySet[Any], paths: Mapping[str, Any]) -> QuerySet[Any]:
        """Rows of any table; `paths` says how each dimension is read from one of them. Without:
        from an exchange."""
        for name, value in self.where.items():
            dimension = registry.dimension(name)
            keys = self.instant.keys(name, value) if self.instant else dimension.keys(value)
            alias = f"where_{name}"
            rows = rows.alias(**{alias: dimension.path(paths, self.period)})
            known = [key for key in keys if key is not None]
            found = Q(**{f"{alias}__in": known})
            rows = rows.filter(found | Q(**{alias: None}) if None in keys else found)
        return rows

    def before(self) -> "Cut":
        year = self.versus == YEAR
        return replace(self, period=self.period.year_before() if year else self.period.before())

    def read_raw(self) -> "Cut":
        """Its last days, no more than are read from the rows themselves."""
        if len(self.period.days) <= RAW_DAYS:
            return replace(self, is_raw=True)
        last = self.period.last
        days = Period(last - timedelta(days=RAW_DAYS - 1), last)
        return replace(self, period=days, is_raw=True, asked=self.period)

    @property
    def note(self) -> str:
        """What a reader should know of how it was counted; "" if nothing."""
        if not self.is_raw:
            return ""
        note = _(
            "Not kept ready by this filter or column: read from the exchanges themselves, for at "
            "most %(most)s days."
        ) % {"most": RAW_DAYS}
        if not self.asked:
            return note
        said = [date_format(day, "j F Y") for day in (self.period.first, self.period.last)]
        return _("%(note)s Shown are the days from %(first)s to %(last)s.") % {
            "note": note, "first": said[0], "last": said[1],
        }  # fmt: skip

    def pinned(self, query: QueryDict) -> str:
        """This question with its days as dates: it stays of these days whenever it is opened."""
        found = query.copy()
        for name in ("days", "after"):
            found.pop(name, None)
        found["from"], found["to"] = map(str, (self.period.first, self.period.last))
        return found.urlencode()

    def together(self, names: Iterable[str]) -> None:
        """These figures will be asked for: what is kept of them is read at once."""
        if self.instant:
            self.instant.together(names)

    def told_by(self, paths: Mapping[str, Any]) -> "Cut":
        """Without the filters that rows of another table cannot tell."""
        known = {name: value for name, value in self.where.items() if name in paths}
        return replace(self, where=known, part=None)

    def with_(self, dimension: str, value: str) -> "Cut":
        return replace(self, where={**self.where, dimension: value})


def gone_at_once() -> Q:
    """Left within ten seconds, and had typed nothing."""
    return Q(
        first_customer_at=None,
        first_answer_at=None,
        closed_at__lt=F("offered_at") + dimensions.seconds(SHORT_SECONDS),
    )


def read(query: Any, usual: int | str = 14) -> Cut:
    """From the address: `days=14`, or `from=2026-11-01&to=2026-11-14`; `versus=year`; `queue=box`,
    `place=Rennes`, any dimension; `own=customer.plan&value=Fibre`. By what is not kept ready (`by=`
    included), no more than the last RAW_DAYS of them.

    Raises BadQuestion with nothing half understood."""
    where = {}
    for dimension in registry.dimensions():
        if value := query.get(dimension.name, ""):
            dimension.keys(value)
            where[dimension.name] = value
    if (versus := query.get("versus", "")) not in ("", YEAR):
        raise BadQuestion("versus")
    found = Cut(asked_period(query, usual), where, _part(query), versus)
    by = query.get("by", "")
    ready = not found.part and all(name in FIELDS for name in [*where, *([by] if by else [])])
    return found if ready else found.read_raw()


def own_field(name: str) -> OwnField:
    """By its name in an address: "customer.plan". Raises BadQuestion."""
    about, _dot, key = name.partition(".")
    found = OwnField.objects.filter(about=about, key=key, is_active=True).first()
    if found is None or "\0" in name or found.about == OwnField.About.ORGANISATION:
        raise BadQuestion("own")
    return found


def _part(query: Any) -> Part | None:
    if not (name := query.get("own", "")):
        return None
    part = Part(own_field(name), query.get("value", ""))
    try:
        own_fields.parse(part.field, part.value)
    except ValueError as error:
        raise BadQuestion("value") from error
    return part
