"""From which article or search to which channel and back, to the unit."""

from datetime import datetime, timedelta

import pytest

from crm.models import Visit, VisitStep
from crm.reports import journeys
from crm.reports.cut import Cut
from crm.reports.period import Period
from tests.crm.test_reports import PAGE, exchange

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-11-10T12:00:00+01:00")
DAY = {"from": "2026-11-10", "to": "2026-11-10"}


def looked(number, *steps):
    """A visit whose steps are (kind, label, found or None, minutes from noon)."""
    visit = Visit.objects.create(key=f"v{number}", started_at=NOON)
    for kind, label, value, minutes in steps:
        at = NOON + timedelta(minutes=minutes)
        VisitStep.objects.create(visit=visit, kind=kind, label=label, value=value, at=at)
    return visit


def test_each_way_is_counted_and_opens_its_exchanges(box_queue, bea, mias) -> None:
    read = ("article", "Appairer la télécommande", 40, -2)
    failed = ("search", "esim montre", 0, -5)
    ways = [looked(1, failed, read), looked(2, read, failed[:3] + (-1,)),
            looked(3, read, ("article", "Suite", 9, 30)), None]  # fmt: skip
    rows = [exchange("chat", box_queue, NOON, by=bea, answer=10, closed=600, outcome="solved",
                     visit=visit) for visit in ways]  # fmt: skip
    exchange("callback", box_queue, NOON, continues=rows[1])
    found = {
        flow.query.removeprefix("measure=offered&"): flow
        for flow in journeys.flows(Cut(Period(NOON.date(), NOON.date())))
    }
    assert {query: flow.count for query, flow in found.items()} == {
        "came=article&channel=chat&then=end": 1,
        "came=failed&channel=chat&then=callback": 1,
        "came=article&channel=chat&then=help": 1,
        "came=direct&channel=chat&then=end": 1,
        "came=direct&channel=callback&then=end": 1,
    }
    for flow in found.values():
        opened = mias.get(f"{PAGE}exchanges/?{flow.query}", DAY | dict(_pairs(flow.query)))
        assert opened.context["total"] == flow.count
    page = mias.get(f"{PAGE}journeys/", DAY)
    assert len(page.context["sankey"].nodes) == 3 + 2 + 3
    starts = [(row["label"], row["n"]) for row in page.context["starts"]]
    assert starts == [("Appairer la télécommande", 2)]  # one visit's search is nobody's business


def _pairs(query):
    return [pair.split("=") for pair in query.split("&")]
