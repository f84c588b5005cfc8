"""Figures kept by the half hour are the raw rows at any moment, whatever changes."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import registry
from crm.models import Agent, Interaction, ReportBlock, ReportMark, Subject
from crm.reports import measures
from crm.reports.cut import Cut
from crm.reports.period import Period, half_hour
from crm.reports.rollup import build, marks, reading
from crm.services import customers, interactions
from selfcare.models import Answer, SurveyInvitation
from tests import factories
from tests.crm import house, month
from tests.crm.kept import CUTS, PROVE, check, count_all, kept, made, same_number
from tests.crm.test_privacy import erase
from tests.crm.test_reports import PAGE

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("known week")]  # written once
# both changes of the clock in a few days each
WEEKS = {
    "autumn": (
        datetime(2026, 10, 22, 22, tzinfo=UTC),
        Period(date(2026, 10, 23), date(2026, 10, 29)),
    ),
    "spring": (datetime(2026, 3, 25, 23, tzinfo=UTC), Period(date(2026, 3, 26), date(2026, 4, 1))),
}


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker):
    with house.standing(django_db_blocker) as found:
        yield found


@pytest.fixture(scope="module", params=sorted(WEEKS) if PROVE else ["autumn"])
def week(request, cast):
    start, period = WEEKS[request.param]
    with house.forgotten():
        with marks.by_the_day():
            month.write(cast, list(month.stories(start, 7)))
        count_all()
        yield Cut(period)


@pytest.mark.parametrize("week", sorted(WEEKS), indirect=True)
def test_kept_figures_are_the_rows(week) -> None:
    autumn = week.period.first.month == 10
    assert len(kept()) > 25
    check(week, CUTS if PROVE or autumn else ("agent",))
    changed = date(2026, 10, 25) if autumn else date(2026, 3, 29)
    day = Cut(Period(changed, changed))
    for measure in kept():
        wanted = measure.by_path(day, half_hour(measure.moment, day.period.start))
        assert made(measure, reading.by_half_hour(measure, day)) == wanted, measure


@pytest.mark.parametrize("where", [
    {"channel": "chat", "subject": "-"}, {"team": "-", "language": "en"},
    {"queue": "box", "device": "mobile", "agent": "-"},
])  # fmt: skip
def test_through_filters_also_those_without_any(week, where) -> None:
    check(Cut(week.period, where), ("subject",))


# what may happen to an exchange


def reopen(row, rng):
    if row.status == "closed":
        interactions.reopen(row)


def close(row, rng):
    if row.status != "closed":
        later = timedelta(minutes=rng.randrange(4000))
        change(row, status="closed", closed_at=row.offered_at + later,
               handled_at=row.offered_at + later, outcome="solved")  # fmt: skip


def transfer(row, rng):
    change(row, agent=rng.choice(Agent.objects.all()))


def merge(row, rng):
    other = Interaction.objects.exclude(customer=row.customer_id).order_by("pk").last()
    if not (row.customer.erased_at or other.customer.erased_at):
        customers.merge(row.customer, other.customer, by=None)


def answer_late(row, rng):
    asked = SurveyInvitation.objects.filter(interaction=row, verdict="sent")
    invitation = asked.filter(answer=None).first()
    if invitation:
        Answer.objects.create(
            invitation=invitation,
            effort=rng.randint(1, 7),
            via="mail",
            answered_at=row.offered_at + timedelta(days=9),
        )
        asked.filter(pk=invitation.pk).update(state="answered", sent_at=row.offered_at)
        change(row, score=rng.randint(1, 5))


def move(row, rng):
    change(row, offered_at=row.offered_at + timedelta(minutes=rng.randrange(-3000, 3000)))


def work_less(row, rng):
    for segment in row.segments.all():
        segment.until = segment.since
        segment.save()


def speak_another_language(row, rng):
    change(row, language=rng.choice(["fr", "en", "de"]))


def turn_out_as_spam(row, rng):
    change(row, outcome="spam")


def change(row, **values):
    Interaction.objects.filter(pk=row.pk).update(**values)


CHANGES = [reopen, close, transfer, merge, answer_late, move, work_less, speak_another_language,
           turn_out_as_spam]  # fmt: skip


@pytest.mark.parametrize("seed", range(4 if PROVE else 1))
def test_after_any_change_they_are_the_rows_before_and_after_counting_again(week, seed) -> None:
    rng = random.Random(seed)
    for _round in range(4 if PROVE else 1):
        # others may find nothing to change in what they meet; a move always does
        for change_it in [move, *rng.choices(CHANGES, k=rng.randint(0, 7))]:
            pk = rng.choice(Interaction.objects.values_list("pk", flat=True))
            change_it(Interaction.objects.get(pk=pk), rng)
        assert marks.pending()
        check(week, rng.sample(CUTS, 2))
        count_all()
        check(week, rng.sample(CUTS, 2))


def test_erasing_somebody_changes_no_kept_figure(week, mia) -> None:
    named = ("offered", "satisfaction", "first_contact_resolution", "repeat_rate", "handling_time")
    known = {name: measures.get(name).total(week) for name in named}
    rows = Interaction.objects.filter(first_answer_at__isnull=False).select_related("customer")
    for row in rows.order_by("pk")[:40:5]:
        if not row.customer.erased_at:
            erase(row.customer, mia)
    for _before_and_after in range(2):
        for name, value in known.items():
            assert same_number(measures.get(name).total(week), value), name
        count_all()
    check(week, ("subject",))


def test_another_place_in_the_tree_counts_at_once(week, cast) -> None:
    Subject.objects.filter(pk=cast.subjects["decoder"].pk).update(parent=None)
    assert marks.pending().keys() >= set(week.period.days)
    assert reading.total(measures.get("repeat_rate"), week) is None  # too much: read raw
    count_all()
    check(week, ("channel",))


def test_what_a_crash_leaves_is_still_marked_and_read_raw(week, monkeypatch) -> None:
    Interaction.objects.update(language="it")
    wanted = measures.get("offered").total(week)
    monkeypatch.setattr(build.blocks, "write", _crash)
    with pytest.raises(SystemError):
        build.refresh()
    assert ReportMark.objects.exists()
    found = measures.get("offered").by(week, registry.dimension("language"))
    assert found == {"it": wanted}
    monkeypatch.undo()
    count_all()
    check(week, ("language",))


def _crash(*_rows) -> None:
    raise SystemError("the worker is gone")


def test_too_many_marks_become_days_that_are_counted_anew(week, monkeypatch) -> None:
    monkeypatch.setattr(build, "_TOO_MANY", 5)
    monkeypatch.setattr(build, "_AT_ONCE", 2)
    Interaction.objects.update(language="it")
    assert ReportMark.objects.filter(day=None).count() > 80
    assert build.refresh(budget=600) < 20  # days, and none of them twice
    assert not ReportMark.objects.exists()
    check(week, ("language",))


def test_counting_twice_changes_nothing(week) -> None:
    rows = {row.pk: bytes(row.rows) for row in ReportBlock.objects.all()}
    build.build(dict.fromkeys(week.period.days))
    assert {row.pk: bytes(row.rows) for row in ReportBlock.objects.all()} == rows


def test_a_line_of_a_chat_marks_nothing_and_closing_does(week) -> None:
    row = Interaction.objects.exclude(status="closed").first()
    Interaction.objects.filter(pk=row.pk).update(staff_seq=9, last_customer_at=row.offered_at)
    assert not ReportMark.objects.exists()
    Interaction.objects.filter(pk=row.pk).update(status="closed", closed_at=row.offered_at)
    assert ReportMark.objects.count() == 1


def test_kept_figures_read_no_exchange(week, monkeypatch) -> None:
    monkeypatch.setattr(reading.raw, "read", _crash)  # COPY goes past the wrapper
    with connection.execute_wrapper(_no_exchange):
        for measure in kept():
            measure.total(week)
            measure.by(week, registry.dimension("subject"))


def _no_exchange(execute, sql, params, many, context):
    assert "crm_interaction" not in sql or "crm_reportmark" in sql, sql
    return execute(sql, params, many, context)


def test_a_page_asks_as_often_however_much_is_marked(week, mias) -> None:
    """But for the first day, everything is marked: once, then fifty times."""
    address = {"from": str(week.period.first), "to": str(week.period.last)}
    keys = Interaction.objects.filter(offered_at__gte=week.period.start + timedelta(days=2))

    def asked(times: int) -> list[str]:
        marked = list(keys.values_list("pk", flat=True)) * times
        ReportMark.objects.bulk_create(ReportMark(interaction_id=pk) for pk in marked)
        with CaptureQueriesContext(connection) as queries:
            assert mias.get(PAGE, address).status_code == 200
        return [query["sql"] for query in queries]

    asked(1)
    few, many = asked(1), asked(50)
    assert len(few) == len(many)
    assert sum("crm_reportmark" in sql for sql in many) == 1


def test_new_ones_are_there_at_once(week, cast) -> None:
    before = measures.get("offered").total(week)
    row = factories.InteractionFactory()
    Interaction.objects.filter(pk=row.pk).update(offered_at=week.period.start + timedelta(hours=9))
    assert measures.get("offered").total(week) == before + 1
