"""Much at once: a month of days, and what a bulk load leaves to be counted."""

from datetime import UTC, date, datetime

import pytest

from crm.models import ReportBlock, ReportMark
from crm.reports import measures
from crm.reports.cut import Cut
from crm.reports.period import Period
from crm.reports.rollup import build, marks
from tests.crm import house, month
from tests.crm.kept import PROVE, check, count_all

pytestmark = pytest.mark.django_db
OF_EACH_KIND = ("offered", "handling_time", "service_level", "satisfaction", "recommendation",
                "amount_sold", "closed")  # fmt: skip
MARCH_29 = date(2026, 3, 29)  # the clock is changed


@pytest.fixture
def cast(db):
    return house.cast()


def test_a_month_is_the_sum_of_its_days(cast, monkeypatch) -> None:
    """A figure of each kind; every figure under BRAVO_PROVE."""
    if not PROVE:
        some = [measures.get(name) for name in OF_EACH_KIND]
        monkeypatch.setattr(build, "kept", lambda: some)
    start = datetime(2026, 9, 30, 22, tzinfo=UTC)
    month.write(cast, list(month.stories(start, 31))[::9])
    count_all()
    build.build_month(date(2026, 10, 1))
    assert ReportBlock.objects.filter(grain="month", first=date(2026, 10, 1)).exists()
    check(Cut(Period(date(2026, 9, 30), date(2026, 11, 1))), ("channel", "subject"))


def test_a_bulk_load_leaves_a_mark_for_each_day(cast) -> None:
    start, period = datetime(2026, 3, 26, 23, tzinfo=UTC), Period(date(2026, 3, 27), MARCH_29)
    ReportMark.objects.all().delete()
    with marks.by_the_day():
        month.write(cast, list(month.stories(start, 3)))
    days = list(ReportMark.objects.order_by("day").values_list("day", flat=True))
    assert set(period.days) <= set(days)
    assert len(days) == len(set(days)) < 8
    count_all()
    check(Cut(period), ())
