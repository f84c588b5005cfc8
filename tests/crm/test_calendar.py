"""The calendar against a slow, obvious model: walk through the minutes and look at the clock.

By default a quarter of an hour is a minute, which is exact here because hours begin and clocks
change at quarters; BRAVO_PROVE=1 walks through every minute, and tries more calendars."""

import os
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models.calendar import Calendar, Closed, Dated, Reason, public_holidays

PROVE = bool(os.environ.get("BRAVO_PROVE"))
STEP = 1 if PROVE else 15
MINUTE = timedelta(minutes=1)
TRIES = settings(
    max_examples=100 if PROVE else 20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# changes at 2:00, at midnight, by half an hour, not at all, and far from Greenwich
ZONES = [
    "Europe/Paris", "America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Tokyo",
    "Africa/Cairo", "Pacific/Auckland", "Asia/Kathmandu",
]  # fmt: skip
# around both changes of 2026 in those zones, a leap day and the turn of the year
AROUND = [
    date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 4, 24), date(2026, 9, 27),
    date(2026, 10, 4), date(2026, 10, 25), date(2026, 10, 30), date(2026, 11, 1),
    date(2028, 2, 29), date(2026, 12, 31), date(2026, 11, 22),
]  # fmt: skip


class Slow:
    """Open is what a person would say who looks at the wall's clock every minute."""

    def __init__(self, calendar: Calendar, middle: date, days: int = 3):
        self.calendar = calendar
        zone = ZoneInfo(calendar.zone)
        self.first = datetime(middle.year, middle.month, middle.day, 12, tzinfo=UTC)
        self.first -= timedelta(days=days)
        count = 2 * days * 24 * 60 // STEP
        self.minutes = [self.first + n * STEP * MINUTE for n in range(count)]
        self.walls = [m.astimezone(zone).replace(tzinfo=None) for m in self.minutes]
        self.open = [False] * count
        for back in range(-days - 2, days + 2):
            self.work(middle + timedelta(days=back))

    def work(self, day: date) -> None:
        for opens, closes in self.calendar.hours(day):
            start, end = (self.reaches(day, minute) for minute in (opens, closes))
            for n in range(start, end):
                self.open[n] = True

    def reaches(self, day: date, minute: int) -> int:
        """The place of the first minute whose clock shows that time or has passed it."""
        wall = datetime.combine(day, time()) + minute * MINUTE
        return next((n for n, shown in enumerate(self.walls) if shown >= wall), len(self.walls))

    def place(self, at: datetime) -> int:
        return int((at - self.first) / (STEP * MINUTE))

    def at(self, n: int) -> bool:
        return self.open[n]


minutes = st.integers(0, 47).map(lambda n: n * 30)


@st.composite
def hours(draw):
    opens, length = draw(minutes), draw(st.integers(1, 48)) * 30
    return opens, opens + length


days_of_hours = st.lists(hours(), max_size=3).map(tuple)


@st.composite
def calendars(draw):
    middle = draw(st.sampled_from(AROUND))
    near = st.integers(-4, 4).map(lambda n: middle + timedelta(days=n))
    closed = [
        Closed(first, first + timedelta(days=draw(st.integers(0, 2))), Reason("closure", "Fermé"))
        for first in draw(st.lists(near, max_size=2))
    ]
    dated = {
        day: Dated(draw(days_of_hours.filter(bool)), Reason("opening", "Ouvert"))
        for day in draw(st.lists(near, max_size=2))
    }
    calendar = Calendar(
        zone=draw(st.sampled_from(ZONES)),
        week=tuple(draw(st.tuples(*[days_of_hours] * 7))),
        always_open=draw(st.sampled_from([False, False, False, True])),
        closed=tuple(closed),
        dated=dated,
        country=draw(st.sampled_from(["", "FR"])),
    )
    return calendar, middle


def some(draw, slow):
    """A moment inside what the slow model knows well."""
    day = 24 * 60 // STEP
    return draw(st.integers(day, len(slow.minutes) - day - 1))


@TRIES
@given(calendars(), st.data())
def test_open_closed_and_next_opening_are_what_the_wall_says(given_, data):
    calendar, middle = given_
    slow = Slow(calendar, middle)
    for _n in range(6):
        n = some(data.draw, slow)
        at = slow.minutes[n]
        assert calendar.is_open(at) == slow.at(n), at
        opening = calendar.next_opening(at)
        expected = next((m for m in range(n, len(slow.open)) if slow.open[m]), None)
        if expected is not None:
            # in the hour that comes twice, two zones' moments are never equal
            assert opening.astimezone(UTC) == slow.minutes[expected]
        else:
            assert opening is None or opening > slow.minutes[-1]


@TRIES
@given(calendars(), st.data())
def test_it_closes_and_has_opened_when_the_wall_says(given_, data):
    calendar, middle = given_
    slow = Slow(calendar, middle)
    n = some(data.draw, slow)
    closes, opened = calendar.closes_at(slow.minutes[n]), calendar.opened_at(slow.minutes[n])
    if not slow.at(n):
        assert closes is opened is None
        return
    end = next((m for m in range(n, len(slow.open)) if not slow.open[m]), None)
    start = next((m for m in range(n, -1, -1) if not slow.open[m]), None)
    if end is not None:
        assert closes.astimezone(UTC) == slow.minutes[end]
    if start is not None:
        assert opened.astimezone(UTC) == slow.minutes[start + 1]


@TRIES
@given(calendars(), st.data())
def test_open_time_is_the_number_of_open_minutes(given_, data):
    calendar, middle = given_
    slow = Slow(calendar, middle)
    a, b = some(data.draw, slow), some(data.draw, slow)
    expected = 60 * STEP * sum(slow.open[a:b]) if a < b else 0
    zone = ZoneInfo(calendar.zone)  # as callers have them: both of one zone, across its change
    start, end = slow.minutes[a].astimezone(zone), slow.minutes[b].astimezone(zone)
    assert calendar.open_seconds(start, end) == expected


@TRIES
@given(calendars(), st.data())
def test_adding_open_time_is_the_inverse_of_counting_it(given_, data):
    calendar, middle = given_
    slow = Slow(calendar, middle)
    a = some(data.draw, slow)
    seconds = data.draw(st.integers(1, 2000)) * 60
    at = slow.minutes[a].astimezone(ZoneInfo(calendar.zone))
    due = calendar.add_open_time(at, seconds)
    if due is None:
        assert calendar.open_seconds(at, at + timedelta(days=390)) < seconds
        return
    assert calendar.open_seconds(at, due) == seconds
    assert calendar.open_seconds(at, due.astimezone(UTC) - timedelta(seconds=1)) == seconds - 1


@TRIES
@given(calendars())
def test_slots_are_whole_open_and_never_overlap(given_):
    calendar, middle = given_
    slow = Slow(calendar, middle)
    days = [middle + timedelta(days=n) for n in (-1, 0, 1)]  # whole in every zone's window
    slots = [slot for day in days for slot in calendar.slots(day, 30)]
    for slot in slots:
        assert (slot.end.astimezone(UTC) - slot.start.astimezone(UTC)) == 30 * MINUTE
        begin = slow.place(slot.start)
        assert all(slow.open[begin : begin + 30 // STEP])
    for one, next_ in zip(slots, slots[1:], strict=False):
        assert one.end.astimezone(UTC) <= next_.start.astimezone(UTC)


@TRIES
@given(calendars(), st.data())
def test_working_days_end_with_the_last_open_minute_of_the_day(given_, data):
    calendar, middle = given_
    slow = Slow(calendar, middle)
    due = calendar.add_working_days(
        slow.minutes[some(data.draw, slow)], data.draw(st.integers(1, 3))
    )
    if due is not None and slow.first + timedelta(days=1) < due < slow.minutes[-1]:
        assert slow.at(slow.place(due) - 1)


# -- by hand

PARIS = ZoneInfo("Europe/Paris")
OFFICE = (*[((8 * 60, 20 * 60),)] * 6, ())


def paris(*parts):
    return datetime(*parts, tzinfo=PARIS)


def test_christmas_closes_an_office_of_france_and_the_second_day_one_in_metz():
    paris_office = Calendar("Europe/Paris", OFFICE, country="FR")
    metz_office = Calendar("Europe/Paris", OFFICE, country="FR", region="57")
    evening = paris(2026, 12, 24, 21)
    assert paris_office.next_opening(evening) == paris(2026, 12, 26, 8)
    assert metz_office.next_opening(evening) == paris(2026, 12, 28, 8)
    day, reason = paris_office.why(evening)
    assert (day, reason.text("fr"), reason.text("en")) == (
        date(2026, 12, 25), "Noël", "Christmas Day",
    )  # fmt: skip


def test_a_country_whose_holidays_have_no_french_names_keeps_its_own():
    berlin = public_holidays("DE", "", 2026)[date(2026, 10, 3)]
    assert berlin.text("fr") == "Tag der Deutschen Einheit"
    assert berlin.text("en") == "German Unity Day"


def test_a_dated_opening_wins_over_a_closure_and_a_holiday():
    calendar = Calendar(
        "Europe/Paris", OFFICE, country="FR",
        closed=(Closed(date(2026, 12, 21), date(2027, 1, 3), Reason("closure", "Congés")),),
        dated={date(2026, 12, 25): Dated(((600, 720),), Reason("opening", "Astreinte"))},
    )  # fmt: skip
    assert calendar.is_open(paris(2026, 12, 25, 11))
    assert calendar.why(paris(2026, 12, 25, 11))[1].text("fr") == "Astreinte"
    assert not calendar.is_open(paris(2026, 12, 28, 11))
    assert calendar.why(paris(2026, 12, 28, 11))[1].text("fr") == "Congés"


def test_24_7_has_no_end_and_a_holiday_does_not_close_it():
    always = Calendar("Europe/Paris", always_open=True, country="FR")
    assert always.is_open(paris(2026, 12, 25, 3))
    assert always.closes_at(paris(2026, 12, 25, 3)) is None
    assert always.add_open_time(paris(2026, 3, 29, 1), 7200) == paris(2026, 3, 29, 4)


def test_a_leap_day_is_a_day():
    office = Calendar("Europe/Paris", OFFICE)
    assert office.open_seconds(paris(2028, 2, 28), paris(2028, 3, 1)) == 24 * 3600
    assert office.add_working_days(paris(2028, 2, 28, 9), 1) == paris(2028, 2, 29, 20)


def test_two_working_days_after_a_saturday_end_on_tuesday_evening():
    week = (*[((9 * 60, 18 * 60),)] * 5, (), ())
    working_days = Calendar("Europe/Paris", week, country="FR")
    assert working_days.add_working_days(paris(2026, 11, 21, 12), 2) == paris(2026, 11, 24, 18)
    # the eleventh of November does not count
    assert working_days.add_working_days(paris(2026, 11, 9, 12), 2) == paris(2026, 11, 12, 18)


@pytest.mark.parametrize(
    ("at", "room"), [((19, 30), 6), ((19, 59), 0), ((21, 0), 0), ((8, 0), 144)]
)
def test_the_queue_takes_no_more_than_can_be_served_before_closing(at, room):
    office = Calendar("Europe/Paris", OFFICE)
    assert office.room_before_closing(paris(2026, 11, 23, *at), per_hour=12) == room


def test_what_gathered_overnight_is_spread_over_the_first_two_hours():
    office = Calendar("Europe/Paris", OFFICE)
    opening = paris(2026, 11, 23, 8)
    assert office.morning(opening, 4) == [
        paris(2026, 11, 23, 8), paris(2026, 11, 23, 8, 30),
        paris(2026, 11, 23, 9), paris(2026, 11, 23, 9, 30),
    ]  # fmt: skip
    assert office.morning(opening, 0) == []
