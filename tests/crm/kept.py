"""The kept figures beside SQL over the rows: what the tests of the rollups share."""

import os
from dataclasses import replace

import pytest
from django.db.models.functions import TruncDate

from crm import registry
from crm.models import ReportMark
from crm.reports import values
from crm.reports.period import zone
from crm.reports.rollup import build, reading

PROVE = bool(os.environ.get("BRAVO_PROVE"))
CUTS = ("channel", "queue", "team", "place", "agent", "subject", "language", "device")


def count_all() -> None:
    """A month in one go: the tests have few rows and many figures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "_DAYS", 40)
        build.refresh(budget=600)
    assert not ReportMark.objects.exists()


def kept() -> list:
    return build.kept()


def check(cut, dimensions=CUTS) -> None:
    """Every kept figure, in all, by each cut and by day, against SQL over the rows."""
    channel = registry.dimension("channel")
    with reading.instant() as now:
        cut = replace(cut, instant=now)
        for measure in kept():
            rows, of = measure.rows(cut), measure.reading
            found = reading.total(measure, cut)
            assert found is not None, measure.name
            assert of.made(found) == of.of(rows), measure.name
            for name in dimensions:
                wanted = of.by(rows, registry.dimension(name).expression(cut.period))
                assert made(measure, reading.by(measure, cut, name)) == wanted, (measure, name)
            day = TruncDate(measure.moment, tzinfo=zone())
            wanted = of.by_both(rows, day, channel.expression(cut.period))
            assert made(measure, reading.by_day(measure, cut, "channel")) == wanted, measure


def made(measure, found):
    return {key: measure.reading.made(one) for key, one in found.items()}


def same_number(one, other) -> bool:
    if isinstance(one, values.Ratio):
        return one.count == other.count and one.above == pytest.approx(other.above)
    return bool(one == other)
