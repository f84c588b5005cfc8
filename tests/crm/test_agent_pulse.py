"""The agent pulse: two taps after some exchanges, one a week; managers read groups."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import ExchangePulse, WeekPulse
from crm.services import agent_pulse, interactions
from tests import factories

pytestmark = pytest.mark.django_db


def closed_by(agent, queue):
    row = factories.InteractionFactory(queue=queue)
    interactions.assign(row, agent)
    return interactions.close(row, by=agent, outcome="solved")


@pytest.fixture
def everybody_is_asked(monkeypatch):
    monkeypatch.setattr(agent_pulse, "_ONE_IN", 1)


def test_some_exchanges_are_asked_about_and_always_the_same(bea, box_queue):
    rows = [closed_by(bea, box_queue) for _n in range(40)]
    asked = [row.pk for row in rows if agent_pulse.is_asked(row, bea)]
    assert 0 < len(asked) < 25
    assert asked == [row.pk for row in rows if agent_pulse.is_asked(row, bea)]


def test_only_whoever_closed_it_says_how_it_was_and_their_last_word_counts(
    bea, carl, box_queue, everybody_is_asked
):
    row = closed_by(bea, box_queue)
    with pytest.raises(agent_pulse.NotAsked):
        agent_pulse.tap(row, carl, explicit=True, cordial=True)
    agent_pulse.tap(row, bea, explicit=True, cordial=None)
    agent_pulse.tap(row, bea, explicit=False, cordial=True)
    agent_pulse.tap(row, bea, explicit=False, cordial=None)  # the first tap, late on its way
    said = ExchangePulse.objects.get()
    assert (said.explicit, said.cordial) == (False, True)


def test_half_a_day_later_it_is_no_impression_any_more(bea, box_queue, everybody_is_asked):
    row = closed_by(bea, box_queue)
    row.closed_at = clock.now() - timedelta(hours=13)
    with pytest.raises(agent_pulse.NotAsked):
        agent_pulse.tap(row, bea, explicit=True, cordial=True)


def test_of_fewer_than_five_people_nothing_is_shown(box_queue, everybody_is_asked):
    for n in range(agent_pulse.GROUP):
        agent = factories.AgentFactory(queues=[box_queue])
        agent_pulse.tap(closed_by(agent, box_queue), agent, explicit=n > 0, cordial=True)
        agent_pulse.say_week(agent, WeekPulse.Load.TOO_MUCH)
        agent_pulse.say_week(agent, WeekPulse.Load.JUST_RIGHT)
        found = agent_pulse.shares(ExchangePulse.objects.all(), WeekPulse.objects.all())
        if n < agent_pulse.GROUP - 1:
            assert {(one.yes, one.of) for one in found.values()} == {(None, None)}
    assert (found["explicit"].yes, found["explicit"].of) == (4, 5)
    assert (found["cordial"].yes, found["just_right"].yes) == (5, 5)
    assert WeekPulse.objects.count() == agent_pulse.GROUP
