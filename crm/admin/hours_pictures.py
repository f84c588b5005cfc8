"""What comes of a calendar, to be looked at: drawn from the same answers that routing gets."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.models.calendar import DAY, Calendar, Span

_WIDTH = 240
_CELL, _GAP = 11, 3
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Bar:
    """An open stretch in the week's picture."""

    left: float
    width: float
    words: str


def week(calendar: Calendar, at: datetime) -> list[dict[str, Any]]:
    today = at.astimezone(ZoneInfo(calendar.zone)).date()
    days = []
    for day in (today + n * _ONE for n in range(7)):
        reason = calendar.reason(day)
        days.append(
            {
                "name": date_format(day, "D j N"),
                "bars": list(_bars(calendar, day)),
                "kind": reason.kind if reason else "",
                "reason": reason.text(get_language() or "fr") if reason else "",
            }
        )
    return days


def _bars(calendar: Calendar, day: date) -> list[Bar]:
    """By the clock on the wall; the end of the night before is drawn on the morning it reaches."""
    bars = []
    for began in (day - _ONE, day):
        for span in calendar.spans(began):
            start, end = (_wall(moment, day) for moment in (span.start, span.end))
            start, end = max(0, start), min(DAY, end)
            if start >= end:
                continue
            until = _("until %(time)s") % {"time": f"{span.end:%H:%M}"}
            words = _words(span) if began == day else until
            scale = _WIDTH / DAY
            bars.append(Bar(start * scale, (end - start) * scale, words))
    return bars


def _words(span: Span) -> str:
    if (_wall(span.start, span.start.date()), _wall(span.end, span.start.date())) == (0, DAY):
        return _("day and night")
    return f"{span.start:%H:%M}–{span.end:%H:%M}"


def _wall(moment: datetime, day: date) -> int:
    days = (moment.date() - day).days
    return days * DAY + moment.hour * 60 + moment.minute


def years(calendar: Calendar, at: datetime) -> list[dict[str, Any]]:
    first = at.astimezone(ZoneInfo(calendar.zone)).year
    return [_year(calendar, year) for year in (first, first + 1)]


def _year(calendar: Calendar, year: int) -> dict[str, Any]:
    """Fifty-three columns of weeks, seven rows of weekdays, and a list in words."""
    language = get_language() or "fr"
    start = date(year, 1, 1)
    shift = start.weekday()
    cells, special, months = [], [], []
    for n in range((date(year + 1, 1, 1) - start).days):
        day = start + n * _ONE
        column, row = divmod(n + shift, 7)
        reason = calendar.reason(day)
        kind = reason.kind if reason else "open" if calendar.hours(day) else "shut"
        words = reason.text(language) if reason else ""
        cells.append(
            {"x": column * (_CELL + _GAP), "y": 18 + row * (_CELL + _GAP), "kind": kind,
             "words": f"{date_format(day, 'D j N')} · {words}" if reason else ""}
        )  # fmt: skip
        if day.day == 1:
            months.append({"x": column * (_CELL + _GAP), "name": date_format(day, "b")})
        if reason:
            special.append((day, kind, words))
    return {"year": year, "cells": cells, "months": months, "special": _grouped(special)}


def _grouped(days: list[tuple[date, str, str]]) -> list[dict[str, str]]:
    """Neighbouring days of one reason are one line: "21 December – 3 January"."""
    lines: list[list[Any]] = []
    for day, kind, words in days:
        if lines and lines[-1][1:4] == [day - _ONE, kind, words]:
            lines[-1][1] = day
        else:
            lines.append([day, day, kind, words])
    labels = {
        "holiday": _("public holiday"), "closure": _("closure"), "opening": _("special opening"),
    }  # fmt: skip
    return [
        {
            "days": _day(first) if first == last else f"{_day(first)} – {_day(last)}",
            "kind": kind,
            "label": labels[kind],
            "words": words,
        }
        for first, last, kind, words in lines
    ]


def _day(day: date) -> str:
    return date_format(day, "D j F")
