"""Opening hours, by the clock on the wall of the people who work."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from crm.models import Closure, Opening, Schedule, Subject
from tests import factories

PARIS = ZoneInfo("Europe/Paris")


def paris(*parts):
    return datetime(*parts, tzinfo=PARIS)


def test_on_sunday_the_mobile_queue_is_closed_until_monday_morning(office_hours):
    sunday = paris(2026, 11, 22, 17)
    assert not office_hours.is_open(sunday)
    assert office_hours.next_opening(sunday) == paris(2026, 11, 23, 8)


def test_open_from_eight_sharp_until_before_twenty(office_hours):
    assert not office_hours.is_open(paris(2026, 11, 23, 7, 59))
    assert office_hours.is_open(paris(2026, 11, 23, 8))
    assert office_hours.is_open(paris(2026, 11, 23, 19, 59))
    assert not office_hours.is_open(paris(2026, 11, 23, 20))
    assert office_hours.closes_at(paris(2026, 11, 23, 9)) == paris(2026, 11, 23, 20)


def test_a_night_shift_runs_over_midnight(db):
    night = Schedule.objects.create(name="night")
    Opening.objects.create(schedule=night, weekday=5, opens=time(22), closes=time(6))
    assert night.is_open(paris(2026, 11, 22, 5, 30))
    assert not night.is_open(paris(2026, 11, 21, 5, 30))
    assert night.closes_at(paris(2026, 11, 21, 23)) == paris(2026, 11, 22, 6)


def test_a_closure_shuts_the_day_and_the_next_opening_is_after_it(office_hours):
    Closure.objects.create(schedule=office_hours, day=date(2026, 12, 25), reason_fr="Noël")
    assert not office_hours.is_open(paris(2026, 12, 25, 10))
    assert office_hours.next_opening(paris(2026, 12, 24, 21)) == paris(2026, 12, 26, 8)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)]
)
def test_a_day_of_a_24_7_calendar_is_as_long_as_the_sun_says(always, day, hours):
    (span,) = always.spans(day)
    assert (span.end.timestamp() - span.start.timestamp()) / 3600 == hours


def test_slots_are_real_half_hours_across_the_autumn_change(db):
    schedule = Schedule.objects.create(name="early")
    Opening.objects.create(schedule=schedule, weekday=6, opens=time(1), closes=time(4))
    slots = schedule.slots(date(2026, 10, 25))
    assert len(slots) == 8  # three hours on the wall, four in the world
    assert all(s.end.timestamp() - s.start.timestamp() == 1800 for s in slots)


def test_a_calendar_without_openings_never_opens(db):
    empty = Schedule.objects.create(name="empty")
    assert empty.next_opening(paris(2026, 11, 22, 17)) is None


def test_a_subjects_own_hours_win_over_its_queues(office_hours, always, mobile_queue):
    theft = factories.SubjectFactory(slug="theft-loss", queue=mobile_queue, schedule=always)
    box = factories.QueueFactory(slug="box", schedule=always)
    theft.off_hours_queue = box
    theft.save()
    theft = Subject.objects.get(pk=theft.pk)
    sunday, tuesday = paris(2026, 11, 22, 17), paris(2026, 11, 24, 10)
    assert theft.is_open(sunday)
    assert theft.queue_at(sunday) == box
    assert theft.queue_at(tuesday) == mobile_queue
