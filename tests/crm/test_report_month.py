"""Two months with known answers, each with a change of the clock: every figure to the unit,
through every cut."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import mean, median

import pytest

from crm import clock, registry
from crm.models import AgentState, Interaction, ReportMark, ReportSettings
from crm.reports import intraday, measures, values
from crm.reports.cut import Cut
from crm.reports.dimensions import NONE
from crm.reports.period import Period
from crm.reports.rollup import reading
from tests.crm import house, month, oracle
from tests.crm.kept import CUTS, PROVE, count_all, same_number

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("known month")]  # written once

# Paris is at +2 in the first hour of October and at +1 in its last; March the other way round
MONTHS = {
    "october": (Period(date(2026, 10, 1), date(2026, 10, 31)),
                datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC)),
    "march": (Period(date(2026, 3, 1), date(2026, 3, 31)),
              datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC)),
}  # fmt: skip
STEP = 9  # so that figures and cuts meet in ever other pairs
HALF, WEEK = timedelta(minutes=30), timedelta(weeks=1)
NOT_OF_EXCHANGES = {
    "occupancy", "time_in_states", "concurrency", "invitations_shown", "invitations_withheld",
    "invitations_accepted", "invitations_lost", "self_service", "failed_searches",
    "pulse_explicit", "pulse_cordial", "replies_edited",
}  # fmt: skip


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker):
    with house.standing(django_db_blocker) as found:
        yield found


@pytest.fixture(scope="module", params=sorted(MONTHS))
def known(request, cast):
    """Written once for all that is asked of it."""
    period, start, end = MONTHS[request.param]
    told = list(month.stories(start, 31))
    with house.forgotten():
        month.write(cast, told)
        yield Cut(period), oracle.Month(told, start, end, clock.now())


def counted_but_for_some() -> None:
    """The figures stand ready, and one exchange in forty has changed since."""
    count_all()
    keys = Interaction.objects.order_by("pk").values_list("pk", flat=True)
    ReportMark.objects.bulk_create(ReportMark(interaction_id=pk) for pk in keys[::40])


def key_of(cast, dimension, key):
    """A story's word as the figures group it."""
    if key is None:
        return None
    if dimension == "rule":
        return cast.rule.pk
    if dimension in ("agent", "team"):
        agent = {"Rennes": "bea", "Toulouse": "carl"}.get(key, key)
        found = cast.agents[agent]
        return found.pk if dimension == "agent" else found.team_id
    return cast.subjects[key].pk if dimension == "subject" else key


def expected(m, name, told):
    """The value of a figure for these stories; None where nothing is said of none."""
    parts, times = oracle.parts(m), oracle.times(m)
    if name in parts:
        return values.Share(sum(map(parts[name], told)), len(told))
    if name in times:
        found = [times[name](s) for s in told]
        if not found:
            return values.Times(0, None, None, None)
        middle, most = oracle.percentile(found, 0.5), oracle.percentile(found, 0.9)
        return values.Times(len(found), sum(found) / len(found), middle, most)
    if name == "chat_to_call":
        chats, calls = (
            [spoke for s in told if s.channel == channel and (spoke := oracle.conversation(s))]
            for channel in ("chat", "callback")
        )
        return values.Ratio(len(told), *((mean(chats), mean(calls)) if chats and calls else (0, 0)))
    if name in oracle.STEPS:
        answers = [getattr(s, oracle.STEPS[name]) for s in told]
        return {step: answers.count(step) for step in set(answers)}
    if name == "amount_sold":
        return values.Amount(len(told), sum(s.amount for s in told))
    return len(told)


def same(value, wanted) -> bool:
    if isinstance(wanted, dict):
        return {step: n for step, n in value.steps.items() if n} == wanted
    if isinstance(wanted, values.Times):
        said = [value.mean, value.median, value.p90]
        known = [wanted.mean, wanted.median, wanted.p90]
        return value.count == wanted.count and (said == known or said == pytest.approx(known))
    if isinstance(wanted, values.Ratio):
        return same_number(value, wanted) and value.below == pytest.approx(wanted.below)
    return bool(value == wanted)


def test_every_figure_to_the_unit_through_every_cut(known, cast) -> None:
    """October from the rows, March as it is kept; under BRAVO_PROVE both in both ways."""
    cut, m = known
    autumn = cut.period.first.month == 10
    if autumn or PROVE:
        agree(cut, m, cast, list(oracle.keys(m)))
    if not autumn or PROVE:
        counted_but_for_some()
        agree(cut, m, cast, CUTS)


def agree(cut, m, cast, dimensions) -> None:
    groups, behind = oracle.keys(m), oracle.rows(m)
    cut = replace(cut, instant=reading.Instant())
    keyed = {name: [key_of(cast, name, of(s)) for s in m.told] for name, of in groups.items()}
    for name in sorted(behind.keys() - {"workload", "cost"}):
        measure = measures.get(name)
        at = [n for n, s in enumerate(m.told) if behind[name](s)]
        total = expected(m, name, [m.told[n] for n in at])
        assert same(measure.total(cut), total), (name, measure.total(cut), total)
        for dimension in dimensions:
            found = measure.by(cut, registry.dimension(dimension))
            split: dict = {}
            for n in at:
                split.setdefault(keyed[dimension][n], []).append(m.told[n])
            assert found.keys() == split.keys(), (name, dimension)
            for key, told in split.items():
                wanted = expected(m, name, told)
                assert same(found[key], wanted), (name, dimension, key, found[key], wanted)


def test_whoever_adds_a_figure_or_a_cut_adds_its_known_answer(known) -> None:
    _cut, m = known
    assert set(registry.measures()) == oracle.rows(m).keys() | NOT_OF_EXCHANGES
    assert {d.name for d in registry.dimensions()} == oracle.keys(m).keys() | {"state"}


def test_filtered_by_a_value_a_figure_is_what_it_was_under_that_value(known, cast) -> None:
    """And opens as many exchanges: all of them, or of a share those that are so. Each figure by
    some of the cuts, each cut of some figures; of all under BRAVO_PROVE."""
    cut = replace(known[0], instant=reading.Instant())
    cuts = [one for one in registry.dimensions() if one.name not in ("state", "subject")]
    for turn, measure in enumerate(one for one in measures.every() if one.is_of_exchanges):
        for dimension in cuts if PROVE else cuts[turn % STEP :: STEP]:
            key, value = next(iter(measure.by(cut, dimension).items()), (None, None))
            if value is None:
                continue
            part = cut.with_(dimension.name, NONE if key is None else str(key))
            total = measure.total(part)
            assert measure.name == "cost" or same_number(total, value), (measure, dimension)
            assert measure.behind(part).count() == values.count(value)
            if isinstance(value, values.Share):
                assert measure.behind(part, part=True).count() == value.part


def test_a_branch_of_subjects_holds_what_is_below_it(known, cast) -> None:
    cut, m = known
    tv = cast.subjects["remote"].parent_id
    wanted = sum(m.offered(s) and s.subject in ("remote", "decoder") for s in m.told)
    assert measures.get("offered").total(cut.with_("subject", str(tv))) == wanted > 0


def test_two_filters_at_once(known) -> None:
    cut, m = known
    wanted = sum(m.handled(s) and s.queue == "box" and s.device == "" for s in m.told)
    part = cut.with_("queue", "box").with_("device", NONE)
    assert measures.get("handled").total(part) == wanted > 0


def test_a_day_in_half_hours_has_what_came_also_when_the_clock_is_changed(known, cast) -> None:
    cut, m = known
    day = date(2026, 10, 25) if cut.period.first.month == 10 else date(2026, 3, 29)
    AgentState.objects.create(
        agent=cast.agents["bea"],
        state="working",
        since=m.start,
        until=m.end,
    )
    asked = Cut(Period(day, day))
    found = intraday.half_hours(asked)
    assert len(found) == (50 if day.month == 10 else 46)
    for one in found:
        since = one.since.astimezone(UTC)
        came = [s for s in m.told if m.offered(s) and since <= s.offered < since + HALF]
        chats = [oracle.handling(s) for s in came if m.handled(s) and s.channel == "chat"]
        assert (one.offered, one.answered) == (len(came), sum(bool(s.answer) for s in came))
        assert (one.handling.mean if one.handling else None) == (chats[0] if chats else None)
        assert (one.present, one.occupancy) == (1, 1)
    assert sum(one.offered for one in found) == measures.get("offered").total(asked) > 0


def test_usual_is_the_median_of_the_same_weekday_over_eight_weeks(known) -> None:
    cut, m = known
    day = cut.period.last
    came = [s.offered.astimezone(oracle.PARIS) for s in m.told if m.offered(s)]
    for one in intraday.half_hours(Cut(Period(day, day))):
        since, until = one.since.time(), (one.since + HALF).time()
        counts = [
            sum(
                at.date() == day - week * WEEK
                and at.time() >= since
                and (at.time() < until or until < since)
                for at in came
            )
            for week in range(1, 9)
        ]
        assert one.usual == median(counts), one


def test_workloads_are_the_agents_clock_shared_among_what_is_open(known, cast) -> None:
    cut, m = known
    spent = oracle.workload(m)
    told = [s for s in m.told if m.handled(s)]
    found = measures.get("workload").by(cut, registry.dimension("channel"))
    for channel, one in found.items():
        mine = [s for s in told if s.channel == channel]
        assert one.count == len(mine)
        assert one.above == pytest.approx(sum(spent[s.number] for s in mine))
    total = measures.get("workload").total(cut)
    assert total.value == pytest.approx(sum(spent[s.number] for s in told) / len(told))


def test_an_exchange_costs_its_workload_and_its_part_of_the_idle_time(known, cast) -> None:
    cut, m = known
    ReportSettings.objects.create(hourly_cost=36)
    for state, hours in (("working", 3), ("available", 1), ("break", 5)):
        AgentState.objects.create(
            agent=cast.agents["bea"],
            state=state,
            since=m.start,
            until=m.start + hours * month.SIX_HOURS / 6,
        )
    total = measures.get("cost").total(cut)
    workload = measures.get("workload").total(cut)
    assert measures.get("occupancy").total(cut).value == 0.75
    assert total.value == pytest.approx(workload.value * 36 / 3600 / 0.75)


def test_the_month_is_what_it_was_when_it_was_written() -> None:
    """The question itself, so that nobody mends an answer by changing it."""
    _period, start, end = MONTHS["october"]
    told = list(month.stories(start, 31))
    m = oracle.Month(told, start, end, end)
    behind, parts = oracle.rows(m), oracle.parts(m)
    counted = {name: sum(map(behind[name], told)) for name in behind}
    assert len(told) == 376
    assert [counted[name] for name in ("offered", "answered", "abandoned", "short_abandoned")] == [
        309, 225, 56, 10,
    ]  # fmt: skip
    assert [counted[name] for name in ("handled", "closed", "backlog", "satisfaction")] == [
        197, 292, 28, 67,
    ]  # fmt: skip
    handled = [s for s in told if m.handled(s)]
    resolved, back = parts["first_contact_resolution"], parts["repeat_rate"]
    assert (sum(map(resolved, handled)), sum(map(back, handled))) == (140, 4)
