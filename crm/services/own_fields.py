"""The installation's own fields: what a value may be, how it reads, and how it is found.

Console, API, import, export and reports all go through here; nobody else writes `own`.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import DateField, DecimalField, F, Q, QuerySet, TextField
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import formats
from django.utils.translation import gettext as _

from crm.models import OwnField
from crm.models.own_field import OwnValues
from crm.text import fold

Kind = OwnField.Kind
_MAX_TEXT = 500
_YES = {"true", "1", "yes", "oui", "on", "x", "vrai"}
_NO = {"false", "0", "no", "non", "off", "faux"}


class BadOwnFields(ValueError):
    """Values that their fields do not take: `errors` has a sentence per key."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class _Bad(ValueError):
    """One value, with the sentence for people."""


def definitions(about: str) -> list[OwnField]:
    """The fields in use, in their order."""
    return list(OwnField.objects.filter(about=about, is_active=True))


def assign(
    thing: OwnValues, values: Mapping[str, Any], fields: Sequence[OwnField] | None = None
) -> None:
    """Set own fields, unsaved (`own` and `own_terms`). None or "" empties one; what is not named
    stays. Takes typed values as well as what a form or a spreadsheet has. Raises BadOwnFields."""
    fields = definitions(about_of(thing)) if fields is None else fields
    known = {field.key: field for field in fields}
    own, errors = dict(thing.own), {}
    for key, raw in values.items():
        try:
            if key not in known:
                raise _Bad(_("There is no such field."))
            value = parse(known[key], raw)
        except _Bad as error:
            errors[key] = str(error)
            continue
        if value is None:
            own.pop(key, None)
        else:
            own[key] = value
    if errors:
        raise BadOwnFields(errors)
    set_all(thing, own)


def set_all(thing: OwnValues, own: dict[str, Any]) -> None:
    """All values at once, already clean: merging and erasing."""
    thing.own = own
    thing.own_terms = sorted(
        _term(key, value) for key, value in own.items() if not isinstance(value, bool)
    )


def _term(key: str, value: object) -> str:
    return f"{key}:{fold(str(value)).strip()}"[:200]


def about_of(thing: OwnValues) -> str:
    return str(thing._meta.model_name)


# -- one value


def parse(field: OwnField, raw: Any) -> Any:
    """What is stored in the JSON column for `raw`; None for nothing. Raises a ValueError with
    the reason in words."""
    if isinstance(raw, str):
        raw = raw.strip()
    if raw is None or raw == "":
        return None
    return _PARSERS[field.kind](field, raw)


def _text(field: OwnField, raw: Any) -> str:
    if isinstance(raw, bool | list | dict) or "\x00" in str(raw):
        raise _Bad(_("This is no text."))
    if len(text := str(raw)) > _MAX_TEXT:
        raise _Bad(_("This is too long: %(n)s characters at most.") % {"n": _MAX_TEXT})
    return text


def _number(field: OwnField, raw: Any) -> int | float:
    try:
        if isinstance(raw, bool):
            raise InvalidOperation
        text = str(raw).replace("\u202f", "").replace("\xa0", "").replace(" ", "")
        number = Decimal(text.replace(",", "."))
        if not number.is_finite() or abs(number) >= 10**15:
            raise InvalidOperation
    except InvalidOperation as error:
        raise _Bad(_("This is no number.")) from error
    return int(number) if number == number.to_integral_value() else float(number)


def _date(field: OwnField, raw: Any) -> str:
    if isinstance(raw, datetime.datetime):
        return raw.date().isoformat()
    if isinstance(raw, datetime.date):
        return raw.isoformat()
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            return datetime.datetime.strptime(str(raw), pattern).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    raise _Bad(_("This is no date, such as 2026-11-22 or 22/11/2026."))


def _choice(field: OwnField, raw: Any) -> str:
    for word in field.choices:
        if fold(str(raw)) == fold(word):
            return str(word)
    raise _Bad(_("Choose one of: %(words)s.") % {"words": ", ".join(field.choices)})


def _boolean(field: OwnField, raw: Any) -> bool:
    word = fold(str(raw))
    if word not in _YES | _NO:
        raise _Bad(_("This is neither yes nor no."))
    return word in _YES


_PARSERS: dict[str, Callable[[OwnField, Any], Any]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.BOOLEAN: _boolean,
}


# -- reading


def display(field: OwnField, value: Any) -> str:
    """The value for a reader, in the language of the moment."""
    if value is None:
        return ""
    if field.kind == Kind.BOOLEAN:
        return _("yes") if value else _("no")
    if field.kind == Kind.DATE:
        try:
            day = datetime.date.fromisoformat(str(value))
        except ValueError:
            return str(value)
        return formats.date_format(day, "SHORT_DATE_FORMAT")
    if field.kind == Kind.NUMBER:
        return formats.number_format(value, use_l10n=True)
    return str(value)


@dataclass(frozen=True)
class Shown:
    """A field of a thing as a page shows it."""

    key: str
    label: str
    value: str


def shown(thing: OwnValues, fields: Sequence[OwnField] | None = None) -> list[Shown]:
    """What has a value, in the fields' order."""
    fields = definitions(about_of(thing)) if fields is None else fields
    return [
        Shown(field.key, field.name, display(field, thing.own[field.key]))
        for field in fields
        if field.key in thing.own
    ]


# -- finding, sorting, counting


def found_by(about: str, term: str) -> Q:
    """Things of which a searched field has this value, whatever its case, accents or spelling."""
    terms = []
    searched = OwnField.objects.filter(about=about, is_active=True, is_searched=True)
    for field in searched.exclude(kind=Kind.BOOLEAN):
        try:
            terms.append(_term(field.key, parse(field, term)))
        except ValueError:
            continue
    # the second half lets the exchanges' partial index serve
    return Q(own_terms__overlap=terms) & ~Q(own_terms=[]) if terms else Q(pk__in=[])


def holds(field: OwnField, value: Any) -> Q:
    """Things with exactly this value of one field. Raises as `parse` does."""
    wanted = parse(field, value)
    if field.kind == Kind.BOOLEAN:
        return Q(**{f"own__{field.key}": wanted})
    return Q(own_terms__contains=[_term(field.key, wanted)]) & ~Q(own_terms=[])


def narrowed(rows: QuerySet[Any], field: OwnField, raw: Any, end: str = "") -> QuerySet[Any]:
    """The rows with this value; with `end` "min" or "max", those from it on or up to it (numbers
    and dates). Raises a ValueError with the reason in words."""
    value = parse(field, raw)
    if value is None:
        raise _Bad(_("Give a value."))
    if not end:
        return rows.filter(holds(field, value))
    if end not in ("min", "max") or field.kind not in (Kind.NUMBER, Kind.DATE):
        raise _Bad(_("Only numbers and dates have a smallest and a largest."))
    compare = {"min": "gte", "max": "lte"}[end]
    return rows.alias(**{f"own_{field.key}": typed(field)}).filter(
        **{f"own_{field.key}__{compare}": value}
    )


def typed(field: OwnField, path: str = "own") -> Combinable:
    """The field as a database value of its type, for reports and exports to group, sort and
    compare by: `rows.annotate(plan=own_fields.typed(plan)).values("plan")`. `path` leads to the
    values of something else, such as `customer__own`."""
    text = KeyTextTransform(field.key, F(path))
    if field.kind == Kind.NUMBER:
        return Cast(text, DecimalField(max_digits=24, decimal_places=8))
    if field.kind == Kind.DATE:
        return Cast(text, DateField())
    return Cast(text, TextField())
