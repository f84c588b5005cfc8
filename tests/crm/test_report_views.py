"""Views of figures under a name: kept, shared by role, mailed; the Monday page and its mail."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group

from crm import clock
from crm.models import Export, ReportMail, ReportView
from crm.reports import mailing, monday
from crm.reports.cut import Cut, read
from crm.reports.period import Period
from crm.services import transfer
from tests import factories
from tests.crm.test_reports import ADDRESS, FORTNIGHT, PAGE, exchange, fortnight  # noqa: F401
from tests.doors import signed_in, stranger
from tickets.models import Mail

pytestmark = pytest.mark.django_db
VIEWS = f"{PAGE}views/"
API = "/api/v1/report-views/"
QUESTION = "days=last_week&channel=chat&queue="


@pytest.fixture
def clock_at(monkeypatch):
    """Set the business clock."""

    def at(moment: str) -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.fromisoformat(moment))

    return at


@pytest.fixture
def kept(mias, mia):
    mias.post(f"{VIEWS}save/", {"name": " Chat ", "page": "report_by", "query": QUESTION})
    return ReportView.objects.get(owner=mia)


def test_a_view_is_kept_without_what_is_empty_and_opens_by_its_own_address(kept, mias) -> None:
    assert (kept.name, kept.query) == ("Chat", "days=last_week&channel=chat")
    opened = mias.get(f"{VIEWS}{kept.pk}/", follow=True)
    assert opened.redirect_chain[-1][0] == f"{PAGE}by/?days=last_week&channel=chat"
    assert "Chat" in opened.content.decode()
    mias.post(f"{VIEWS}save/", {"name": "Chat", "page": "report_by", "query": "days=7"})
    kept.refresh_from_db()
    assert kept.query == "days=7"


def test_it_is_a_persons_own_until_it_is_shared_with_a_role(kept, mias, mia) -> None:
    other = factories.UserFactory(email="zoe@example.test", is_staff=True)
    other.groups.add(Group.objects.get(name="manager"))
    zoes = signed_in(other, second_factor=True)
    assert zoes.get(f"{VIEWS}{kept.pk}/").status_code == 404
    assert zoes.get(f"{API}{kept.pk}/").status_code == 404
    role = Group.objects.get(name="manager")
    mias.post(f"{VIEWS}{kept.pk}/share/", {"roles": role.pk})
    assert zoes.get(f"{VIEWS}{kept.pk}/").status_code == 302
    assert zoes.get(f"{API}{kept.pk}/").json()["roles"] == ["manager"]
    for verb in ("share", "forget"):
        assert zoes.post(f"{VIEWS}{kept.pk}/{verb}/").status_code == 404
    assert zoes.delete(f"{API}{kept.pk}/").status_code == 403
    assert ReportView.objects.filter(pk=kept.pk, roles=role).exists()


@pytest.mark.parametrize(
    ("page", "query", "name"),
    [("report_by", "days=x", "N"), ("report_by", "queue=nowhere", "N"), ("report_by", "", " "),
     ("crm_customer_changelist", "", "N"), ("report_by", f"own={'x' * 1200}", "N")],
)  # fmt: skip
def test_what_makes_no_sense_is_not_kept(mias, page, query, name) -> None:
    sent = {"name": name, "page": page, "query": query}
    assert mias.post(f"{VIEWS}save/", sent).status_code == 400
    assert mias.post(API, sent, content_type="application/json").status_code == 400
    assert not ReportView.objects.exists()


def test_only_staff_with_the_right_keep_views(kept, bea, mallory) -> None:
    sent = {"name": "N", "page": "report_by", "query": ""}
    for door in (
        stranger(),
        signed_in(mallory, second_factor=True),
        signed_in(bea.user, second_factor=True),
    ):
        assert door.post(f"{VIEWS}save/", sent).status_code in (302, 403)
        assert door.post(API, sent, content_type="application/json").status_code in (401, 403)
        assert door.get(f"{VIEWS}{kept.pk}/").status_code in (302, 403)
        assert door.post("/api/v1/report-mails/", {}).status_code in (401, 403)
    assert ReportView.objects.count() == 1


def test_dates_stay_dates_and_named_days_move(clock_at) -> None:
    clock_at("2026-11-18T10:00:00+01:00")
    day = date(2026, 11, 18)
    assert read({"days": "last_week"}).period == Period(day - timedelta(9), day - timedelta(3))
    assert read({"days": "yesterday"}).period.days == [day - timedelta(1)]
    assert read({"days": "last_month"}).period.first.isoformat() == "2026-10-01"
    assert read({**ADDRESS, "days": "7"}).period == FORTNIGHT
    year = read({**ADDRESS, "versus": "year"}).before().period
    assert (year.first.weekday(), (FORTNIGHT.first - year.first).days) == (0, 364)


# -- by mail


def test_a_view_comes_by_mail_once_a_morning_in_its_readers_language(kept, mia, clock_at) -> None:
    clock_at("2026-11-19T07:00:00+01:00")
    mia.language = "en"
    mia.save()
    row = mailing.subscribe(mia, kept, "daily")
    assert mailing.send_due() == 0
    clock_at("2026-11-19T08:00:01+01:00")
    assert [mailing.send_due() for _ in range(10)] == [1, *[0] * 9]
    mail = Mail.objects.get(key=f"report:{row.pk}:2026-11-19")
    assert mail.subject == "Chat, 9 November to 15 November"
    assert "Channel: Chat" in mail.text
    # of these days, whenever it is opened
    assert "/console/reports/by/?channel=chat&from=2026-11-09&to=2026-11-15" in mail.text
    clock_at("2026-11-25T12:00:00+01:00")  # beat was stopped for six days: one mail, not six
    assert mailing.send_due() == 1
    row.refresh_from_db()
    assert row.next_at == datetime(2026, 11, 26, 7, tzinfo=UTC)


def test_who_may_no_longer_see_reports_gets_no_mail(kept, mia, clock_at) -> None:
    clock_at("2026-11-19T07:00:00+01:00")
    mailing.subscribe(mia, kept, "daily")
    mia.groups.clear()
    clock_at("2026-11-19T09:00:00+01:00")
    assert mailing.send_due() == 0
    assert not Mail.objects.exists()


def test_the_monday_page_is_mailed_on_mondays_to_who_wants_it(mias, mia, clock_at) -> None:
    clock_at("2026-11-18T10:00:00+01:00")
    mias.post(f"{VIEWS}0/mail/", {"rhythm": "weekly"})
    assert ReportMail.objects.get(user=mia).next_at == datetime(2026, 11, 23, 7, tzinfo=UTC)
    clock_at("2026-11-23T08:00:00+01:00")
    assert mailing.send_due() == 1
    text = Mail.objects.get().text
    assert "10. " in text
    assert "11. " not in text
    assert "/console/reports/monday/?from=2026-11-16&to=2026-11-22" in text
    mias.post(f"{VIEWS}0/mail/", {"rhythm": ""})
    assert not ReportMail.objects.exists()


@pytest.mark.parametrize(
    ("rhythm", "expected"),
    [("daily", "2026-10-25T08:00+01:00"), ("weekly", "2026-10-26T08:00+01:00"),
     ("monthly", "2026-11-01T08:00+01:00")],
)  # fmt: skip
def test_mornings_stay_at_eight_when_the_clocks_change(rhythm, expected) -> None:
    after = datetime.fromisoformat("2026-10-24T08:00:00+02:00")
    assert mailing.next_morning(rhythm, after) == datetime.fromisoformat(expected)


# -- the Monday page


def test_ten_sentences_and_nothing_is_claimed_below_thirty(fortnight, mias) -> None:  # noqa: F811
    said = monday.sentences(Cut(FORTNIGHT))
    assert len(said) == 10
    assert "Trop peu" in said[0].text
    page = mias.get(f"{PAGE}monday/", ADDRESS)
    assert len(page.context["sentences"]) == 10


def test_a_change_beyond_chance_is_said_with_its_worth_and_asks_for_something(
    bea, box_queue, remote, mias
) -> None:
    monday_morning = datetime.fromisoformat("2026-11-09T10:00:00+01:00")
    for number in range(60):
        exchange("chat", box_queue, monday_morning + timedelta(minutes=number), subject=remote,
                 by=bea, answer=60, closed=600, outcome="solved")  # fmt: skip
    for week in range(1, 5):
        for number in range(10):
            back = monday_morning - timedelta(weeks=week, minutes=-number)
            exchange("chat", box_queue, back, subject=remote, by=bea, answer=10, closed=600,
                     outcome="solved")  # fmt: skip
    week = Cut(Period(monday_morning.date(), monday_morning.date() + timedelta(6)))
    offered, channel, subject, answered, level, *_rest = monday.sentences(week)
    assert "60" in offered.text
    assert "500" in offered.text  # percent more than the ten of a usual week
    assert "50" in subject.text
    assert "60" in channel.text
    assert "100" in answered.text  # as before: no change is claimed
    assert "0" in level.text
    advice = monday.advice(week)
    assert [one.worth for one in advice] == [60, 50]
    assert "/console/reports/intraday/?to=2026-11-09" in advice[0].url
    for one in (offered, subject):
        opened = mias.get(f"{PAGE}exchanges/?from=2026-11-09&to=2026-11-15&{one.query}")
        assert opened.context["total"] == 60


# -- as a file


def test_what_is_behind_a_figure_comes_out_a_row_an_exchange(fortnight, mias, mia) -> None:  # noqa: F811
    question = {**ADDRESS, "measure": "answer_rate", "part": "1", "channel": "chat"}
    page = mias.get(f"{PAGE}exchanges/", question)
    sent = {"about": "interaction", "format": "csv", "query": page.context["export"]}
    job = mias.post("/console/transfer/export/", sent).url
    assert transfer.write_next()
    lines = b"".join(mias.get(f"{job}file/").streaming_content).decode().splitlines()
    assert len(lines) - 1 == page.context["total"] == 3
    asked = {
        "about": "interaction",
        "form": "xlsx",
        "query": "measure=offered&" + urlencode(ADDRESS),
    }
    job = mias.post("/api/v1/exports/", asked, content_type="application/json").json()
    assert transfer.write_next()
    assert mias.get(f"/api/v1/exports/{job['id']}/").json()["total"] == 8


@pytest.mark.parametrize(
    ("about", "query"),
    [("interaction", "measure=nothing"), ("interaction", "measure=occupancy"),
     ("interaction", "days=x"), ("interaction", "queue=nowhere"), ("customer", "days=7"),
     ("interaction", f"x={'x' * 1000}&queue=box")],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_no_export(mias, box_queue, about, query) -> None:
    sent = {"about": about, "format": "csv", "query": query}
    assert mias.post("/console/transfer/export/", sent).status_code == 400
    assert mias.post("/api/v1/exports/", sent, content_type="application/json").status_code == 400
    assert not Export.objects.exists()
