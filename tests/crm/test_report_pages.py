"""The report pages beyond the overview, and the figures by the API."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission

from crm.reports import measures, parity, teams
from crm.reports.cut import Cut
from crm.reports.stats import alike
from tests import factories
from tests.crm.test_reports import ADDRESS, FORTNIGHT, PAGE, fortnight  # noqa: F401 (a fixture)
from tests.doors import signed_in, stranger

pytestmark = pytest.mark.django_db
PAGES = ["channels/", "live/", "self-service/", "by/", "by/?by=subject", "satisfaction/",
         "intraday/", "intraday/?to=2026-11-02"]  # fmt: skip
API = "/api/v1/reports/"


@pytest.mark.parametrize("path", PAGES)
def test_only_who_may_see_reports_sees_them(bea, mallory, mias, path) -> None:
    assert mias.get(PAGE + path).status_code == 200
    assert signed_in(bea.user, second_factor=True).get(PAGE + path).status_code == 403
    for door in (stranger(), signed_in(mallory, second_factor=True)):
        assert door.get(PAGE + path).status_code in (302, 403)


def test_a_figure_opens_only_exchanges_that_one_may_see(fortnight) -> None:  # noqa: F811
    user = factories.UserFactory(email="noor@example.test", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_reports"))
    door = signed_in(user, second_factor=True)
    assert door.get(f"{PAGE}by/", ADDRESS).context["table"].total.cells[0].said == "8"
    opened = door.get(f"{PAGE}exchanges/", ADDRESS)
    assert (opened.context["total"], opened.context["rows"]) == (0, [])
    assert door.get(f"{API}offered/exchanges/", ADDRESS).status_code == 403


def test_a_line_of_the_comparison_opens_what_it_counts(fortnight, mias) -> None:  # noqa: F811
    page = mias.get(f"{PAGE}by/", {**ADDRESS, "by": "queue"})
    table = page.context["table"]
    assert [line.label for line in table.lines] == ["Assistance box", "Assistance mobile"]
    offered = [measure.name for measure in table.head].index("offered")
    for line, count in zip([*table.lines, table.total], (7, 1, 8), strict=True):
        cell = line.cells[offered]
        assert cell.said == str(count)
        opened = mias.get(f"{PAGE}exchanges/?{page.context['query']}&{cell.query}")
        assert opened.context["total"] == count


def test_every_figure_stands_on_some_page(fortnight, mias) -> None:  # noqa: F811
    """Those of exchanges, work and words by channel, of time by team, of help and invitations on
    pages of their own."""
    channels = mias.get(f"{PAGE}channels/", {**ADDRESS, "more": "1"}).context["sheets"]
    shown = {one.name for _topic, _label, sheet in channels for one, _cells in sheet.lines}
    shown |= {*teams.FIGURES, "time_in_states"}
    for address in (f"{PAGE}self-service/", "/console/invitations/figures/"):
        page = mias.get(address, ADDRESS)
        shown |= (
            {one.name for one in page.context["table"].head} if page.context["table"] else set()
        )
    assert {one.name for one in measures.every()} - shown == set()


def test_channels_stand_side_by_side_and_open_what_they_count(fortnight, mias) -> None:  # noqa: F811
    page = mias.get(f"{PAGE}channels/", {**ADDRESS, "queue": "box"})
    sheets = {name: sheet for name, _label, sheet in page.context["sheets"]}
    cells = {one.name: line for one, line in sheets["volumes"].lines}["offered"]
    assert sheets["volumes"].head[-1] == "Tous ensemble"
    assert sum(int(cell.said) for cell in cells[:-1] if cell.said != "–") == int(cells[-1].said)
    for cell in cells:
        if cell.query:
            opened = mias.get(f"{PAGE}exchanges/?{page.context['query']}&{cell.query}")
            assert str(opened.context["total"]) == cell.said


def test_a_comparison_is_of_the_usual_figures_or_of_a_topic(fortnight, mias) -> None:  # noqa: F811
    asked = {**ADDRESS, "by": "subject", "figures": "complaints"}
    page = mias.get(f"{PAGE}by/", asked)
    assert {one.topic for one in page.context["table"].head} == {"complaints"}
    assert mias.get(f"{PAGE}by/", {**asked, "figures": "gossip"}).status_code == 400
    nothing = mias.get(f"{PAGE}by/", {**ADDRESS, "figures": "invitations", "by": "parallel"})
    assert nothing.status_code == 200


def test_help_is_narrowed_by_what_a_visit_tells_only(mias) -> None:
    page = mias.get(f"{PAGE}self-service/", {"channel": "chat", "device": "mobile"})
    assert page.context["cut"].where == {"device": "mobile"}
    assert [one.name for one in page.context["filters"]] == ["language", "device"]


def test_single_persons_are_not_lined_up(mias) -> None:
    assert mias.get(f"{PAGE}by/?by=agent").status_code == 404
    assert mias.get(f"{PAGE}by/?by=nothing").status_code == 404


def test_below_thirty_answers_a_side_nobody_can_tell(fortnight) -> None:  # noqa: F811
    found = parity.between(Cut(FORTNIGHT), "chat", "callback")
    assert found.gap is None
    assert [one.count for one in found.raw] == [2, 1]


def test_like_with_like_takes_the_mix_of_subjects_out() -> None:
    """Chat has the hard subject, call the easy one; on each they satisfy alike."""
    hard, easy = ((45, 90), (5, 10)), ((9, 10), (81, 90))
    gap, low, high = alike([hard, easy])
    assert gap == pytest.approx(0)
    assert low < 0 < high < 0.2
    better = alike([((90, 100), (50, 100))])
    assert better[0] == pytest.approx(0.4)
    assert better[1] > 0.25


def test_the_api_says_what_the_pages_say(fortnight, mias) -> None:  # noqa: F811
    known = mias.get(API).json()
    assert {one["name"] for one in known} == {one.name for one in measures.every()}
    answer = mias.get(f"{API}answer_rate/", {**ADDRESS, "by": "channel"}).json()
    assert (answer["total"]["part"], answer["total"]["count"]) == (5, 8)
    assert {cell["key"]: cell["value"]["share"] for cell in answer["cells"]} == {
        "chat": 0.75, "mail": 0.5, "callback": 0.5,
    }  # fmt: skip
    behind = mias.get(f"{API}answer_rate/exchanges/", {**ADDRESS, "part": "1", "channel": "chat"})
    assert len(behind.json()["results"]) == 3
    for name in (one["name"] for one in known):
        assert mias.get(f"{API}{name}/", ADDRESS).status_code == 200, name


def test_the_api_refuses_who_may_not_and_what_makes_no_sense(bea, mias) -> None:
    for path in ("", "offered/", "offered/exchanges/"):
        assert signed_in(bea.user, second_factor=True).get(API + path).status_code == 403
        assert stranger().get(API + path).status_code in (401, 403)
    assert mias.get(f"{API}nothing/").status_code == 404
    for query in ({"days": "x"}, {"queue": "nowhere"}, {"by": "nothing"}):
        assert mias.get(f"{API}offered/", query).status_code == 400, query
    assert mias.get(f"{API}satisfaction/", {"by": "agent"}).status_code == 400  # nobody is ranked
    assert mias.get(f"{API}self_service/", {"by": "queue"}).status_code == 400
    assert mias.get(f"{API}self_service/", {"queue": "box"}).status_code == 400
    assert mias.get(f"{API}self_service/exchanges/").status_code == 404


@pytest.mark.parametrize("place", ["reports/", "reports/intraday/"])
def test_the_sidebar_says_one_place(mias, place):
    request = mias.get(f"/console/{place}").wsgi_request
    groups = admin.site.get_sidebar_list(request)
    here = [item["link"] for group in groups for item in group["items"] if item["active"]]
    assert here == [f"/console/{place}"]
