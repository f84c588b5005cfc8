"""Hours in the console and over REST, and how processes learn that they changed."""

from datetime import date, time

import pytest
from django.urls import reverse

from crm.models import Closure, DatedOpening, Opening, Schedule, Subject
from crm.services import hours
from tests import factories
from tests.crm.test_hours import paris
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
XMAS = paris(2026, 12, 25, 10)


def test_a_calendar_asks_the_database_once_and_again_when_a_row_changed(
    office_hours, django_assert_num_queries
):
    assert office_hours.is_open(paris(2026, 11, 23, 10))
    again = Schedule.objects.get(pk=office_hours.pk)
    with django_assert_num_queries(0):
        assert again.is_open(paris(2026, 11, 24, 10))
    # by the ways that call no save(): the database notices all of them
    Opening.objects.filter(schedule=again).update(opens=time(12))
    assert not Schedule.objects.get(pk=again.pk).is_open(paris(2026, 11, 23, 10))
    Closure.objects.bulk_create([Closure(schedule=again, day=date(2026, 11, 23))])
    assert not Schedule.objects.get(pk=again.pk).is_open(paris(2026, 11, 23, 13))
    Closure.objects.all().delete()
    assert Schedule.objects.get(pk=again.pk).is_open(paris(2026, 11, 23, 13))
    Schedule.objects.filter(pk=again.pk).update(country="FR")
    assert not Schedule.objects.get(pk=again.pk).is_open(paris(2026, 12, 25, 13))


def test_a_subject_has_the_hours_of_its_branch(office_hours, always, mobile_queue):
    root = factories.SubjectFactory(slug="root", queue=mobile_queue, schedule=always)
    branch = factories.SubjectFactory(slug="branch", queue=mobile_queue, parent=root)
    leaf = factories.SubjectFactory(slug="leaf", queue=mobile_queue, parent=branch)
    other = factories.SubjectFactory(slug="other", queue=mobile_queue)
    found = {s.slug: s for s in Subject.objects.with_hours()}
    assert found["leaf"].hours() == always
    assert found["other"].hours() == office_hours
    assert leaf.is_open(paris(2026, 11, 22, 3))
    assert not other.is_open(paris(2026, 11, 22, 3))


def test_customers_read_why_it_is_closed_in_their_language(office_hours):
    office_hours.country = "FR"
    office_hours.save()
    assert hours.because(office_hours, XMAS, "fr") == "Fermé aujourd’hui\u00a0: Noël."
    assert hours.because(office_hours, XMAS, "en") == "Closed today: Christmas Day."
    eve = paris(2026, 12, 24, 21)
    assert hours.because(office_hours, eve, "en") == "Closed on Friday 25 December: Christmas Day."
    DatedOpening.objects.create(
        schedule=office_hours, day=date(2026, 12, 25), opens=time(9), closes=time(12),
        reason_fr="Astreinte de Noël", reason_en="On call",
    )  # fmt: skip
    assert hours.because(office_hours, XMAS, "en") == "Special hours today: On call."
    assert hours.because(office_hours, paris(2026, 11, 23, 21), "fr") == ""


def test_the_page_shows_the_week_and_the_days_that_differ(root, office_hours):
    office_hours.country, office_hours.region = "FR", "57"
    office_hours.save()
    Closure.objects.create(schedule=office_hours, day=date(2027, 1, 4), last_day=date(2027, 1, 6))
    page = root.get(reverse("admin:crm_schedule_change", args=[office_hours.pk]))
    text = page.content.decode()
    assert "08:00–20:00" in text
    assert "b-year" in text
    assert root.get(reverse("admin:crm_schedule_add")).status_code == 200


def test_hours_are_written_and_asked_over_rest(root):
    made = root.post(
        "/api/v1/schedules/",
        {
            "name": "Office", "country": "FR", "time_zone": "Europe/Paris",
            "openings": [{"weekday": 4, "opens": "08:00", "closes": "20:00"}],
        },
        content_type="application/json",
    )  # fmt: skip
    assert made.status_code == 201, made.content
    url = f"/api/v1/schedules/{made.json()['id']}/"
    answer = root.get(f"{url}moment/", {"at": XMAS.isoformat()}).json()
    assert (answer["is_open"], answer["because_en"]) == (False, "Closed today: Christmas Day.")
    extra = {"day": "2026-12-25", "opens": "09:00", "closes": "12:00", "reason_fr": "Astreinte"}
    assert root.patch(url, {"dated_openings": [extra]}, "application/json").status_code == 200
    answer = root.get(f"{url}moment/", {"at": XMAS.isoformat()}).json()
    assert (answer["is_open"], answer["closes_at"]) == (True, "2026-12-25T12:00:00+01:00")
    assert len(root.get(url).json()["openings"]) == 1
    wrong = [
        {"region": "nowhere"}, {"time_zone": "Mars/Base"}, {"country": "XX"},
        {"openings": [{"weekday": 0, "opens": "08:00", "closes": "9:00"}] * 2},
    ]  # fmt: skip
    for change in wrong:
        assert root.patch(url, change, "application/json").status_code == 400, change


def test_agents_do_not_change_hours(bea, office_hours):
    beas = signed_in(bea.user, second_factor=True)
    url = f"/api/v1/schedules/{office_hours.pk}/"
    assert beas.patch(url, {"always_open": True}, "application/json").status_code == 403
    assert not Schedule.objects.get(pk=office_hours.pk).always_open
