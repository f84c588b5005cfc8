"""Intervals as published, periods as the calendar has them, sentences as far as figures allow."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils.translation import override

from crm.reports import words
from crm.reports.cut import read
from crm.reports.figures import days_inside_band
from crm.reports.period import BadQuestion, Period
from crm.reports.stats import bootstrap, difference, wilson
from crm.reports.values import AtOnce, Scores, Times


def _scores(satisfied: int, answers: int) -> Scores:
    return Scores({1: answers - satisfied, 5: satisfied}, 4)


@pytest.mark.parametrize(
    ("successes", "answers", "low", "high"),
    # Newcombe, Statistics in Medicine 1998, 17: 857-872, table I, method 3
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(successes, answers, low, high) -> None:
    assert wilson(successes, answers) == pytest.approx((low, high), abs=0.00006)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    # Newcombe, Statistics in Medicine 1998, 17: 873-890, table II, method 10
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(one, other, low, high) -> None:
    gap, lowest, highest = difference(one, other)
    assert gap == pytest.approx(one[0] / one[1] - other[0] / other[1])
    assert (lowest, highest) == pytest.approx((low, high), abs=0.00006)


def test_without_answers_there_is_no_interval() -> None:
    assert wilson(0, 0) is None
    assert difference((3, 4), (0, 0)) is None
    assert Scores({}, 4).share is None


@pytest.mark.parametrize(
    ("day", "hours", "start"),
    [
        (date(2026, 3, 29), 23, datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (date(2026, 10, 25), 25, datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (date(2026, 11, 2), 24, datetime(2026, 11, 1, 23, tzinfo=UTC)),
    ],
)
def test_a_day_is_the_day_of_paris_whatever_its_length(day, hours, start) -> None:
    period = Period(day, day)
    assert period.start == start
    assert period.end.astimezone(UTC) - period.start.astimezone(UTC) == timedelta(hours=hours)


def test_days_are_compared_with_as_many_days_just_before() -> None:
    period = Period(date(2026, 11, 2), date(2026, 11, 15))
    assert period.before() == Period(date(2026, 10, 19), date(2026, 11, 1))
    assert len(period.days) == len(period.before().days) == 14


@pytest.mark.parametrize(
    "address",
    [
        "days=zero",
        "days=0",
        "days=-3",
        "days=367",
        "days=99999999999999",
        "from=2026-11-14",
        "from=2026-11-14&to=2026-11-01",
        "from=2026-02-30&to=2026-03-01",
        "from=0001-01-01&to=0001-01-02",
        "from=9999-12-31&to=9999-12-31",
    ],
)
def test_what_is_no_period_is_refused(address) -> None:
    with pytest.raises(BadQuestion, match="period"):
        read(QueryDict(address))


def test_a_day_is_inside_the_band_by_its_mean_both_ends_included() -> None:
    means = [479.9, 480.0, 540.0, 600.0, 600.1]
    days = {(date(2026, 11, n + 1), "chat"): mean for n, mean in enumerate(means)}
    assert days_inside_band({**days, (date(2026, 11, 6), "callback"): 540.0}) == (3, 5)
    assert days_inside_band({}) == (0, 0)


def _parity(chat: tuple[int, int], call: tuple[int, int]) -> str:
    with override("en"):
        return words.parity(_scores(*chat), _scores(*call))


def test_the_parity_sentence_says_no_more_than_the_answers_hold() -> None:
    assert _parity((90, 100), (60, 100)).startswith("Chat satisfies more than the phone: 90")
    assert _parity((60, 100), (90, 100)).startswith("Chat satisfies less than the phone: 60")
    assert _parity((82, 100), (80, 100)).startswith("Chat satisfies as much as the phone: 82")
    assert _parity((29, 29), (1, 100)).startswith("Cannot tell yet")
    assert _parity((100, 100), (0, 29)).startswith("Cannot tell yet")
    assert _parity((30, 30), (1, 30)).startswith("Chat satisfies more")


def test_durations_read_as_people_say_them() -> None:
    nbsp = words.NBSP
    assert words.duration(None) == "–"
    assert words.duration(59.4) == f"59{nbsp}s"
    assert words.duration(59.6) == f"1{nbsp}min{nbsp}00"
    assert words.duration(545) == f"9{nbsp}min{nbsp}05"
    assert words.duration(3725) == f"1{nbsp}h{nbsp}02"


def test_figures_are_rounded_as_people_round() -> None:
    with override("en"):
        assert (words.percent(2 / 3), words.percent(0.825)) == ("67\u00a0%", "83\u00a0%")
        assert words.euros(4.999) == "5.00\u00a0€"
        assert words.value("score", Scores({5: 31, 6: 69}, 5)) == "5.7"
        assert words.value("exchanges", Times(3, 60.0, 60.0, 60.0)) == "3"


def test_what_a_figure_rests_on_is_said_with_its_interval_from_thirty_on() -> None:
    with override("en"):
        assert words.beside(Scores({5: 8, 2: 2}, 4), "share") == "answers: 10"
        said = words.beside(Scores({5: 80, 2: 20}, 4), "share")
        assert said == "71\u00a0% to 87\u00a0%, answers: 100"
        said = words.beside(Scores({5: 31, 6: 69}, 5), "score")
        assert said == "5.6 to 5.8, 5 to 6: 100\u00a0%, answers: 100"
        assert words.beside(AtOnce(9, 14, 10, (6, 4, 0)), "ratio").startswith("one: 60\u00a0%")


def test_the_interval_of_a_mean_is_drawn_the_same_every_time() -> None:
    counts = {1: 10, 2: 5, 3: 10, 4: 35, 5: 40}
    low, high = bootstrap(counts)
    assert (low, high) == bootstrap(dict(reversed(counts.items())))
    # the mean is 3.9, its standard error 0.126
    assert low == pytest.approx(3.9 - 1.96 * 0.126, abs=0.03)
    assert high == pytest.approx(3.9 + 1.96 * 0.126, abs=0.03)
    assert bootstrap({3: 7, 4: 0}) == (3, 3)
    assert bootstrap({}) is None
