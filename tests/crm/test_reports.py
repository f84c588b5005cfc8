"""A fortnight of eight exchanges whose every figure is known, and the pages that show them."""

import csv
import io
import os
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from chat.models import Chat, Site
from crm.models import Status, WorkSegment
from crm.reports import figures, measures, overview, statements, values
from crm.reports.cut import Cut
from crm.reports.period import Period
from tests import factories
from tests.doors import signed_in, stranger

pytestmark = pytest.mark.django_db

PARIS = ZoneInfo("Europe/Paris")
FORTNIGHT = Period(date(2026, 11, 2), date(2026, 11, 15))
ADDRESS = {"from": "2026-11-02", "to": "2026-11-15"}
PAGE = "/console/reports/"
PROVE = bool(os.environ.get("BRAVO_PROVE"))
CHANNELS = ["", "chat", "mail", "callback"]
Kind = WorkSegment.Kind


def at(day: int, clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{day:02d}T{clock}").replace(tzinfo=PARIS)


def exchange(channel, queue, offered, *, by=None, answer=None, closed=None, **fields):
    """An exchange by its times in seconds after it was offered; closed when `closed` is given."""

    def then(seconds):
        return None if seconds is None else offered + timedelta(seconds=seconds)

    last_agent = then(fields.pop("last_agent", None))
    last_customer = then(fields.pop("last_customer", 0))
    status = Status.CLOSED if closed else Status.ACTIVE if answer else Status.WAITING
    return factories.InteractionFactory(
        channel=channel,
        queue=queue,
        status=status,
        agent=by,
        closed_by=by if closed else None,
        opened_at=offered,
        first_customer_at=offered,
        last_customer_at=last_customer,
        first_answer_at=then(answer),
        last_agent_at=last_agent,
        assigned_at=then(fields.pop("assigned", None)),
        closed_at=then(closed),
        handled_at=then(closed),
        **fields,
    )


def worked(interaction, agent, kind, start, seconds):
    since = interaction.offered_at + timedelta(seconds=start)
    until = since + timedelta(seconds=seconds)
    WorkSegment.objects.create(
        interaction=interaction, agent=agent, kind=kind, since=since, until=until
    )


@pytest.fixture
def fortnight(bea, carl, box_queue, mobile_queue):
    carl.team = factories.TeamFactory(name="Toulouse 1", place="Toulouse")
    carl.save()
    sold = exchange("chat", box_queue, at(2, "10:00:00"), by=bea, assigned=10, answer=20,
                    last_customer=420, last_agent=480, closed=550, outcome="solved", score=5,
                    origin="invitation")  # fmt: skip
    shop = Site.objects.create(key="shop", name="Boutique")
    Chat.objects.create(
        interaction=sold, site=shop, start_key="s1", order_reference="C-1", order_amount="49.90"
    )
    talked = exchange("chat", mobile_queue, at(3, "11:00:00"), by=carl, assigned=0, answer=90,
                      last_customer=300, last_agent=240, closed=360, outcome="informed",
                      score=3)  # fmt: skip
    Chat.objects.create(interaction=talked, site=shop, start_key="s2")  # and bought nothing
    exchange("chat", box_queue, at(3, "12:00:00"), closed=70, outcome="abandoned",
             origin="invitation")  # fmt: skip
    exchange("chat", box_queue, at(4, "12:00:00"), by=bea, assigned=5, answer=15, last_agent=15)
    exchange("chat", box_queue, at(4, "13:00:00"), by=bea, assigned=0, answer=15, last_agent=15,
             closed=60, outcome="spam", score=1)  # fmt: skip
    mail = exchange("mail", box_queue, at(5, "09:00:00"), by=bea, assigned=3600, answer=3800,
                    last_agent=9000, closed=9000, outcome="solved", score=4)  # fmt: skip
    worked(mail, bea, Kind.WRITE, 3600, 200)
    worked(mail, bea, Kind.WRITE, 8900, 100)
    exchange("mail", box_queue, at(6, "23:59:59"))
    call = exchange("callback", box_queue, at(9, "15:00:00"), by=carl, assigned=60, answer=60,
                    last_agent=300, closed=360, outcome="solved", score=1)  # fmt: skip
    worked(call, carl, Kind.CALL, 60, 240)
    worked(call, carl, Kind.WRAP_UP, 300, 60)
    exchange("callback", box_queue, at(10, "15:00:00"), by=carl, closed=900, outcome="expired")
    factories.InteractionFactory(  # an invitation without a word was never offered
        queue=box_queue, opened_at=at(10, "16:00:00"), offered_at=None, origin="invitation"
    )


def found(name, **part):
    return measures.get(name).by_channel(Cut(FORTNIGHT, part))


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("offered", {"": 8, "chat": 4, "mail": 2, "callback": 2}),
        ("answered", {"": 5, "chat": 3, "mail": 1, "callback": 1}),
        ("abandoned", {"": 1, "chat": 1}),
        ("handled", {"": 4, "chat": 2, "mail": 1, "callback": 1}),
        ("invited", {"": 2, "chat": 2}),
        ("chat_orders", {"": 1, "chat": 1}),
    ],
)
def test_volumes_by_channel(fortnight, name, known) -> None:
    assert found(name) == known


def times(name):
    return {c: (t.count, t.mean, t.median, t.p90) for c, t in found(name).items()}


def test_a_conversation_lasts_from_the_first_to_the_last_human_line_or_while_the_call_runs(
    fortnight,
) -> None:
    assert times("conversation_time") == {
        "chat": (2, 390, 390, pytest.approx(462)),
        "callback": (1, 240, 240, 240),
        "": (3, 340, 300, pytest.approx(444)),
    }


def test_handling_is_elapsed_for_chats_and_the_agents_clock_for_calls_and_mails(fortnight) -> None:
    assert times("handling_time") == {
        "chat": (2, 450, 450, pytest.approx(522)),
        "mail": (1, 300, 300, 300),
        "callback": (1, 300, 300, 300),
        "": (4, 375, 330, pytest.approx(486)),
    }


def test_wrap_up_is_part_of_handling_and_not_of_the_conversation(fortnight) -> None:
    call = found("handling_time")["callback"].mean - found("conversation_time")["callback"].mean
    assert call == 60


def test_satisfaction_is_the_share_of_4_and_5_with_the_mean_beside_it(fortnight) -> None:
    seen = {c: (s.satisfied, s.count, s.mean) for c, s in found("satisfaction").items()}
    assert seen == {
        "": (2, 4, 3.25),
        "chat": (1, 2, 4),
        "mail": (1, 1, 4),
        "callback": (0, 1, 1),
    }


def test_a_cut_by_queue_or_place_keeps_its_own(fortnight, mobile_queue) -> None:
    assert found("offered", queue="mobile") == {"": 1, "chat": 1}
    assert found("handling_time", queue="mobile")["chat"].mean == 360
    assert found("handled", place="Rennes") == {"": 2, "chat": 1, "mail": 1}
    assert found("handled", place="Toulouse") == {"": 2, "chat": 1, "callback": 1}


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 2)])
def test_an_exchange_belongs_to_its_day_in_paris(box_queue, day) -> None:
    """Also on the days of 23 and of 25 hours."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=PARIS)
    following = day + timedelta(days=1)
    next_midnight = datetime(following.year, following.month, following.day, tzinfo=PARIS)
    for moment in (midnight, next_midnight):
        instant = moment.astimezone(ZoneInfo("UTC"))
        exchange("chat", box_queue, instant - timedelta(microseconds=1))
        exchange("chat", box_queue, instant)
    assert measures.get("offered").by_channel(Cut(Period(day, day))) == {"": 2, "chat": 2}
    around = Cut(Period(day - timedelta(days=1), following))
    assert figures.daily_counts(around) == {
        (day - timedelta(days=1), "chat"): 1,
        (day, "chat"): 2,
        (following, "chat"): 1,
    }


def test_days_and_minutes_of_the_chats(fortnight) -> None:
    cut = Cut(FORTNIGHT)
    days = figures.daily_handling(cut)
    means = {day.day: mean for (day, channel), mean in days.items() if channel == "chat"}
    assert means == {2: 540, 3: 360}
    assert figures.days_inside_band(days) == (1, 2)
    assert figures.handling_distribution(cut) == {9: 1, 6: 1}


def test_a_chat_of_two_hours_stands_under_half_an_hour_and_more(bea, box_queue) -> None:
    for seconds in (1799, 1800, 7200):
        exchange("chat", box_queue, at(2, "10:00:00"), by=bea, assigned=0, answer=5,
                 last_agent=5, closed=seconds, outcome="solved")  # fmt: skip
    assert figures.handling_distribution(Cut(FORTNIGHT)) == {29: 1, 30: 2}


def test_first_answers_in_time(fortnight) -> None:
    rows = figures.offered(Cut(FORTNIGHT)).filter(channel="chat")
    assert figures.within(rows, 20).count() == 2
    assert figures.within(rows, 89).count() == 2
    assert figures.within(rows, 90).count() == 3


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_click_on_a_figure_opens_as_many_exchanges_as_it_counts(fortnight, mias, channel) -> None:
    """In each channel a third of them is asked for each part, another third in the next channel;
    BRAVO_PROVE=1 asks for all."""
    parts: list[dict[str, str]] = [{}, {"queue": "mobile"}, {"place": "Rennes"}]
    opening = [one for one in measures.every() if one.is_of_exchanges]
    for turn, measure in enumerate(opening, CHANNELS.index(channel)):
        for part in parts if PROVE else [parts[turn % 3]]:
            query = {**ADDRESS, **part, "measure": measure.name, "channel": channel}
            page = mias.get(f"{PAGE}exchanges/", query)
            total = int(re.search(r'data-total="(\d+)"', page.content.decode())[1])
            expected = values.count(measure.total(page.context["cut"]))
            assert (measure.name, part, total) == (measure.name, part, expected)
            assert len(page.context["rows"]) == expected


def test_many_exchanges_are_paged_and_none_is_lost_or_double(mias, box_queue) -> None:
    for number in range(120):
        exchange("chat", box_queue, at(3, "08:00:00") + timedelta(minutes=number))
    seen, after = [], ""
    while after is not None:
        page = mias.get(f"{PAGE}exchanges/", {**ADDRESS, **({"after": after} if after else {})})
        seen += [row.pk for row, _said in page.context["rows"]]
        after = page.context["next"]
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("name", sorted(overview.PLOTS))
def test_the_file_has_the_rows_of_the_picture(fortnight, mias, name) -> None:
    answer = mias.get(f"{PAGE}plots/{name}.csv", {**ADDRESS}, HTTP_ACCEPT_LANGUAGE="fr")
    assert answer["Content-Type"].startswith("text/csv")
    with override("fr"):
        plot = overview.PLOTS[name](Cut(FORTNIGHT))
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert read == [[str(cell) for cell in row] for row in [plot.head, *plot.rows]]
    page = mias.get(PAGE, ADDRESS, HTTP_ACCEPT_LANGUAGE="fr")
    assert dict(page.context["plots"])[name].rows == plot.rows


@pytest.mark.parametrize(
    "query",
    [
        {"days": "zero"},
        {"days": "9" * 15},
        {"from": "2026-11-14", "to": "2026-11-01"},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"queue": "nulle-part"},
        {"queue": "\x00"},
        {"agent": "9" * 30},
        {"device": "toaster"},
        {"place": "\x00"},
    ],
)
def test_an_address_that_asks_for_nonsense_is_answered_in_words(mias, query) -> None:
    for path in (PAGE, f"{PAGE}exchanges/", f"{PAGE}plots/volumes.csv"):
        answer = mias.get(path, query, HTTP_ACCEPT_LANGUAGE="en")
        assert answer.status_code == 400, path
        assert "asks for something we do not know" in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["plots/nothing.csv", "exchanges/?measure=nothing", "exchanges/?after=x"]
)
def test_what_does_not_exist_is_not_found(mias, path) -> None:
    assert mias.get(PAGE + path).status_code == 404


@pytest.mark.parametrize(
    "path", ["", "exchanges/", "plots/volumes.csv", "definitions/", "definitions/offered/"]
)
def test_only_who_may_see_reports_sees_them(bea, mallory, mias, path) -> None:
    assert mias.get(PAGE + path).status_code == 200
    assert signed_in(bea.user, second_factor=True).get(PAGE + path).status_code == 403
    for door in (stranger(), signed_in(mallory, second_factor=True)):
        answer = door.get(PAGE + path)
        assert answer.status_code in (302, 403)
        assert answer.status_code == 403 or "login" in answer["Location"]


def test_the_page_costs_the_same_with_two_and_with_two_hundred_exchanges(
    mias, bea, box_queue
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert mias.get(PAGE, ADDRESS).status_code == 200
        return len(queries)

    def add(number):
        for n in range(number):
            exchange(CHANNELS[1:][n % 3], box_queue, at(2 + n % 14, "10:00:00"), by=bea,
                     assigned=0, answer=5, last_agent=300, closed=400, outcome="solved",
                     score=1 + n % 5)  # fmt: skip

    add(2)
    cost()
    few = cost()
    add(198)
    assert cost() == few
    assert few <= 41


def test_before_the_first_exchange_the_page_says_what_will_come(mias) -> None:
    page = mias.get(PAGE, HTTP_ACCEPT_LANGUAGE="en")
    text = page.content.decode()
    assert page.status_code == 200
    assert "Cannot tell yet whether chat satisfies as well as the phone" in text
    assert "Times appear here once exchanges have been handled." in text
    assert "no answer yet" in text
    drill = mias.get(f"{PAGE}exchanges/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "No exchange in these days. Choose a longer period." in drill
    for name in overview.PLOTS:
        assert mias.get(f"{PAGE}plots/{name}.csv").status_code == 200


def test_the_definitions_page_words_every_figure(mias) -> None:
    text = mias.get(f"{PAGE}definitions/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    for measure in measures.every():
        with override("en"):
            assert str(measure.label) in text


def test_every_figure_shows_the_statements_that_count_it(fortnight, mias) -> None:
    address = "?from=2026-11-01&to=2026-11-14"
    for measure in measures.every():
        text = mias.get(f"{PAGE}definitions/{measure.name}/{address}").content.decode()
        assert "SELECT" in text, measure.name
    assert mias.get(f"{PAGE}definitions/nothing/").status_code == 404


def test_a_statement_run_by_hand_gives_the_figure(fortnight) -> None:
    offered = measures.get("offered")
    (statement,) = statements.counted(offered, Cut(FORTNIGHT)).statements
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.fetchone() == (offered.total(Cut(FORTNIGHT)),) != (0,)
