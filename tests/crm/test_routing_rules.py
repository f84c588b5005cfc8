"""What time and people change: offers, silence, lost screens, breaks, shifts, teams, skills."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm import clock
from crm.models import (
    Ability,
    AgentSkill,
    Heartbeat,
    Interaction,
    PauseRequest,
    PlaceStep,
    Queue,
    Requirement,
    Shift,
    Skill,
    Status,
)
from crm.services import (
    capacity,
    complaints,
    interactions,
    pauses,
    posting,
    presence,
    routing,
    shifts,
)
from crm.services.routing import upkeep
from tests import factories


@pytest.fixture
def chat(box_queue):
    def make(**fields):
        return factories.InteractionFactory(queue=box_queue, **fields)

    return make


@pytest.fixture
def bea_serves(bea, at_work, chat):
    """`bea_serves()`: a chat in Bea's hands; its customer has spoken."""
    at_work(bea)

    def make(**fields):
        row = chat(**fields)
        posting.post(row, author="customer", text="Bonjour ?")
        assert routing.assign_one(row.pk) == bea
        row.refresh_from_db()
        return row

    return make


def paris(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Paris"))


def closed_by_day():
    nights = factories.ScheduleFactory(name="nights", always_open=False)
    for weekday in range(7):
        nights.openings.create(weekday=weekday, opens=time(20), closes=time(8))
    return nights


def _later(**delta):
    return clock.now() + timedelta(**delta)


def _gone_for(agent, **delta):
    Heartbeat.objects.filter(agent=agent).update(seen_at=clock.wall() - timedelta(**delta))


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


def test_a_reopened_chat_goes_to_its_agent_even_above_the_limit_and_counts(bea_serves, bea):
    first = bea_serves()
    interactions.close(first, by=bea, outcome="solved")
    others = [bea_serves() for _n in range(3)]
    posting.post(first, author="customer", text="Ça recommence")
    assert routing.assign_one(first.pk) == bea
    facts = capacity.of([bea.pk])[bea.pk]
    assert (facts.places, facts.limit) == (4, 3)
    interactions.close(others[0], by=bea, outcome="solved")
    assert routing.free_places(bea) == 0


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


# -- offers, silence, lost screens


def test_an_unanswered_offer_goes_to_the_next(bea_serves, bea, carl, at_work):
    row = bea_serves()
    assert upkeep.take_back_unanswered(_later(seconds=61)) == 0, "nobody else is there"
    at_work(carl)
    assert upkeep.take_back_unanswered(_later(seconds=30)) == 0
    assert upkeep.take_back_unanswered(_later(seconds=61)) == 1
    row.refresh_from_db()
    assert row.status == Status.WAITING
    assert (bea, "lapsed") in routing.why_not(row)
    assert routing.assign_one(row.pk) == carl


def test_an_answered_one_stays(bea_serves, bea, carl, at_work):
    row = bea_serves()
    at_work(carl)
    posting.post(row, author="agent", agent=bea, text="Bonjour Madame Lenoir")
    assert upkeep.take_back_unanswered(_later(seconds=300)) == 0


def test_who_lets_two_lapse_is_not_there(bea_serves, bea, carl, at_work):
    bea_serves()
    bea_serves()
    at_work(carl)
    upkeep.take_back_unanswered(_later(seconds=61))
    assert presence.state_of(bea) == "other"
    assert presence.current_state(bea).reason == "unanswered"


def test_a_silent_chat_frees_its_place_and_its_customer_finds_it_again(bea_serves, bea):
    row = bea_serves()
    posting.post(row, author="agent", agent=bea, text="La télécommande clignote-t-elle ?")
    assert upkeep.free_silent(_later(minutes=4)) == 0
    assert upkeep.free_silent(_later(minutes=6)) == 1
    assert routing.free_places(bea) == 3
    row.refresh_from_db()
    assert (row.status, row.agent) == (Status.PENDING, bea)
    posting.post(row, author="customer", text="Oui !")
    assert routing.free_places(bea) == 2
    assert upkeep.resume_returned() == 1
    assert row.segments.filter(until=None).count() == 1
    assert upkeep.resume_returned() == 0


def test_silent_for_good_is_closed(bea_serves, bea):
    row = bea_serves()
    posting.post(row, author="agent", agent=bea, text="Êtes-vous là ?")
    upkeep.free_silent(_later(minutes=6))
    assert upkeep.close_silent(_later(minutes=31)) == 1
    row.refresh_from_db()
    assert row.outcome == "silent"
    # the half hour of silence is nobody's work
    assert row.handled_at - row.last_agent_at == timedelta(seconds=60)


def test_silence_closes_no_complaint_that_nobody_has_answered(bea_serves, bea):
    row = bea_serves()
    posting.post(row, author="agent", agent=bea, text="Je regarde.")
    complaints.turn_into(row, by=bea, at=_later(seconds=1))
    upkeep.free_silent(_later(minutes=6))
    assert upkeep.close_silent(_later(minutes=31)) == 1
    row.refresh_from_db()
    assert (row.status, row.agent) == (Status.WAITING, None)


def test_a_lost_agents_chats_go_back_after_minutes_and_wait_in_front(bea_serves, bea):
    row = bea_serves()
    Interaction.objects.update(held_since=clock.now() - timedelta(minutes=10))
    _gone_for(bea, seconds=40)
    presence.mark_absent()
    assert presence.state_of(bea) == "offline"
    assert upkeep.give_back_of_the_lost() == 0
    _gone_for(bea, minutes=4)
    assert upkeep.give_back_of_the_lost() == 1
    row.refresh_from_db()
    assert (row.status, row.agent, row.priority) == (Status.WAITING, None, 3)


def test_a_break_survives_a_lost_connection(bea, at_work):
    at_work(bea)
    presence.set_state(bea, "break", reason="lunch")
    _gone_for(bea, seconds=40)
    presence.mark_absent()
    presence.beat(bea)
    current = presence.current_state(bea)
    assert (current.state, current.reason) == ("break", "lunch")


def test_a_line_too_slow_overflows_once_and_keeps_its_time(chat, box_queue, mobile_queue, always):
    Queue.objects.filter(pk=mobile_queue.pk).update(
        schedule=always, overflow_queue=box_queue, overflow_minutes=1
    )
    Queue.objects.filter(pk=box_queue.pk).update(overflow_queue=mobile_queue, overflow_minutes=1)
    since = clock.now() - timedelta(minutes=6)
    row, fresh = chat(waiting_since=since), chat()
    assert upkeep.overflow() == 1
    row.refresh_from_db()
    fresh.refresh_from_db()
    assert fresh.queue == box_queue  # has waited for no minute yet
    assert (row.queue, row.overflowed_from, row.waiting_since) == (mobile_queue, box_queue, since)
    assert upkeep.overflow() == 0


def test_who_waits_goes_with_the_hours_to_the_queue_that_serves_their_subject_now(
    bea, at_work, sim, chat, box_queue, mobile_queue, always
):
    evening, morning = paris(20, 20, 1), paris(21, 8, 1)
    sim.off_hours_queue, sim.schedule = box_queue, always
    sim.save()
    row = interactions.open("chat", factories.CustomerFactory(), subject=sim, queue=mobile_queue)
    stays = factories.InteractionFactory(queue=mobile_queue)  # nobody serves its subject at night
    since = row.waiting_since
    assert upkeep.follow_hours(paris(20, 19, 59)) == 0
    assert upkeep.follow_hours(evening) == 1
    row.refresh_from_db()
    stays.refresh_from_db()
    assert (row.queue, row.waiting_since, stays.queue) == (box_queue, since, mobile_queue)
    assert upkeep.follow_hours(evening) == 0
    assert upkeep.follow_hours(morning) == 0, "the box queue is open: it is served there"
    Queue.objects.filter(pk=box_queue.pk).update(schedule=closed_by_day())
    assert upkeep.follow_hours(morning) == 1
    row.refresh_from_db()
    assert row.queue == mobile_queue


# -- breaks and shifts


def test_breaks_by_quota_have_a_line_and_close_nothing(
    bea_serves, bea, carl, at_work, django_capture_on_commit_callbacks
):
    row = bea_serves()
    at_work(carl)
    type(bea.team).objects.update(pause_quota=1)
    assert pauses.ask(carl) == 0
    assert pauses.ask(bea, reason="coffee") == 1
    assert presence.state_of(bea) == "working"
    assert pauses.give() == 0
    presence.set_state(carl, "available")
    assert pauses.give() == 1
    assert presence.state_of(bea) == "break"
    row.refresh_from_db()
    assert row.status == Status.ACTIVE
    assert not PauseRequest.objects.exists()
    assert pauses.ask(carl) == 1
    with django_capture_on_commit_callbacks(execute=True):
        presence.set_state(bea, "available")
    assert presence.state_of(carl) == "break", "at once, without the sweep"


def test_the_end_of_a_shift_sets_finishing_once(bea, at_work):
    at_work(bea)
    now = clock.now()
    Shift.objects.create(agent=bea, starts_at=now - timedelta(hours=8), ends_at=now)
    assert shifts.end_due() == 1
    assert presence.state_of(bea) == "finishing"
    presence.set_state(bea, "available")
    assert shifts.end_due() == 0
    assert presence.state_of(bea) == "available"


# -- the hint


def test_what_is_at_hand_is_made_true_by_the_sweep(bea, at_work, chat):
    at_work(bea)
    bea.standings.update(room=0, places=9, level=1)
    assert routing.drain() == 0
    chat()
    capacity.rebuild()
    assert routing.drain() == 1
