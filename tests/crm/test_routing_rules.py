"""Who is asked first: languages, levels, skills, teams, newcomers, priorities."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import (
    Ability,
    AgentSkill,
    Interaction,
    PlaceStep,
    Queue,
    Requirement,
    Skill,
)
from crm.services import (
    capacity,
    interactions,
    posting,
    routing,
)
from crm.services.routing import upkeep
from tests import factories


@pytest.fixture
def chat(box_queue):
    def make(**fields):
        return factories.InteractionFactory(queue=box_queue, **fields)

    return make


# -- who is asked first


def test_the_first_language_goes_before_a_better_level(bea, carl, at_work, chat):
    type(bea).objects.filter(pk=bea.pk).update(languages=["en", "fr"])
    AgentSkill.objects.filter(agent=bea).update(level=3)
    at_work(bea, carl)
    assert routing.assign_one(chat(language="fr").pk) == carl
    assert routing.assign_one(chat(language="en").pk) == bea


def test_the_higher_level_goes_before_the_lighter_load(bea, carl, at_work, chat):
    AgentSkill.objects.filter(agent=bea).update(level=3)
    at_work(bea, carl)
    assert [routing.assign_one(chat().pk) for _n in range(4)] == [bea, bea, bea, carl]


def test_among_equals_the_longest_idle_is_next(bea, carl, at_work, chat):
    at_work(bea, carl)
    first = chat()
    assert routing.assign_one(first.pk) == bea
    first.refresh_from_db()
    interactions.close(first, by=bea, outcome="solved")
    assert routing.assign_one(chat().pk) == carl


def test_a_customer_who_comes_back_meets_the_agent_of_last_time(bea, carl, at_work, remote, ada):
    at_work(bea, carl)
    first = interactions.open("chat", ada, subject=remote)
    interactions.assign(first, carl)
    interactions.close(first, by=carl, outcome="solved")
    factories.InteractionFactory.create_batch(2, queue=remote.queue, agent=carl, status="active")
    again = interactions.open("chat", ada, subject=remote)
    assert routing.assign_one(again.pk) == carl


def test_it_is_kept_for_the_agent_of_last_time_while_they_wrap_up(bea, carl, at_work, remote, ada):
    type(carl).objects.filter(pk=carl.pk).update(chat_places=1)
    at_work(bea, carl)
    other = factories.InteractionFactory(queue=remote.queue)
    interactions.assign(other, carl)
    interactions.end_exchange(other)
    row = interactions.open("chat", ada, subject=remote)
    Interaction.objects.filter(pk=row.pk).update(wanted_agent=carl)
    assert routing.assign_one(row.pk) is None
    assert row.unassigned.codes[""] == ["kept"]
    assert routing.drain() == 0
    interactions.close(other, by=carl, outcome="solved")
    assert routing.fill(carl.pk) == 1
    # and when it takes too long, anybody
    late = interactions.open("chat", ada, subject=remote)
    past = clock.now() - timedelta(seconds=1)
    Interaction.objects.filter(pk=late.pk).update(wanted_agent=carl, wanted_until=past)
    assert routing.assign_one(late.pk) == bea


def test_long_after_it_goes_to_anybody(bea, carl, at_work, chat):
    at_work(carl)
    row = chat()
    interactions.assign(row, bea)
    interactions.close(row, by=bea, outcome="solved")
    Interaction.objects.update(closed_at=clock.now() - timedelta(days=8))
    row.refresh_from_db()
    posting.post(row, author="customer", text="Encore moi")
    row.refresh_from_db()
    assert row.wanted_agent is None


# -- skills, teams, newcomers, priorities


def test_a_required_skill_and_its_level_decide(bea, carl, at_work, chat, box_queue):
    fibre = Skill.objects.create(slug="fibre", name_fr="Fibre")
    Requirement.objects.create(queue=box_queue, skill=fibre, level=2)
    Ability.objects.create(agent=bea, skill=fibre, level=1)
    Ability.objects.create(agent=carl, skill=fibre, level=2)
    at_work(bea, carl)
    row = chat()
    assert (bea, "skill") in routing.why_not(row)
    assert routing.assign_one(row.pk) == carl


def test_a_team_stands_behind_its_queues_and_leaves_with_it(bea, box_queue, mobile_queue):
    mobile_queue.teams.add(bea.team)
    upkeep.follow_teams()
    assert set(bea.queues.all()) == {box_queue, mobile_queue}
    mobile_queue.teams.clear()
    upkeep.follow_teams()
    assert set(bea.queues.all()) == {box_queue}


def test_newcomers_hold_fewer_until_their_day(bea, at_work, chat):
    today = clock.now().date()
    PlaceStep.objects.create(agent=bea, from_day=today - timedelta(days=3), chat_places=1)
    PlaceStep.objects.create(agent=bea, from_day=today + timedelta(days=10), chat_places=2)
    at_work(bea)
    for _n in range(3):
        chat()
    assert routing.drain() == 1


def test_subject_customer_and_nature_move_it_forward(ada, remote):
    ada.priority, remote.priority = 1, 2
    ada.save()
    remote.save()
    row = interactions.open("chat", ada, subject=remote, nature="complaint")
    assert row.priority == 5


def test_waiting_long_beats_every_priority(bea, at_work, chat, box_queue):
    at_work(bea)
    chat(priority=3)
    old = chat(waiting_since=clock.now() - timedelta(minutes=31))
    assert routing.assign_next(box_queue) == old


def test_a_queue_takes_only_its_channels_and_languages(bea, at_work, chat, box_queue):
    Queue.objects.filter(pk=box_queue.pk).update(languages=["en"])
    at_work(bea)
    row = chat(language="fr")
    assert routing.assign_one(row.pk) is None
    assert row.unassigned.codes[""] == ["channel"]


# -- the hint


def test_what_is_at_hand_is_made_true_by_the_sweep(bea, at_work, chat):
    at_work(bea)
    bea.standings.update(room=0, places=9, level=1)
    assert routing.drain() == 0
    chat()
    capacity.rebuild()
    assert routing.drain() == 1
