"""Each exchange reaches a free person, and nobody gets more than they can hold."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from crm import clock
from crm.models import Interaction, Status
from crm.services import interactions, routing
from tests import factories


@pytest.fixture
def waiting(remote):
    def make(count=1, **fields):
        return [
            factories.InteractionFactory(
                queue=remote.queue,
                subject=remote,
                waiting_since=clock.now() + timedelta(milliseconds=n),
                **fields,
            )
            for n in range(count)
        ]

    return make


def test_the_least_loaded_agent_gets_the_next_chat(bea, carl, at_work, waiting):
    at_work(bea, carl)
    first, second, third = waiting(3)
    for row in (first, second, third):
        routing.assign_one(row.pk)
    holders = sorted(Interaction.objects.values_list("agent__display_name", flat=True))
    assert holders == ["Bea", "Bea", "Carl"]


def test_nobody_gets_a_fourth_chat(bea, at_work, waiting, box_queue):
    at_work(bea)
    waiting(5)
    assert routing.drain(box_queue) == 3
    assert routing.free_places(bea) == 0
    assert Interaction.objects.waiting().count() == 2


def test_who_waits_longest_goes_first_within_a_priority(bea, at_work, waiting, box_queue):
    at_work(bea)
    early, late = waiting(2)
    urgent = factories.InteractionFactory(queue=box_queue, priority=5)
    order = [routing.assign_next(box_queue) for _ in range(3)]
    assert order == [urgent, early, late]


def test_a_call_wants_the_whole_person(bea, at_work, waiting):
    at_work(bea)
    (chat,) = waiting()
    (call,) = waiting(channel="callback")
    routing.assign_one(chat.pk)
    assert routing.assign_one(call.pk) is None
    assert routing.why_not(call) == [(bea, "busy")]


def test_mails_are_never_pushed(bea, at_work, waiting):
    at_work(bea)
    (mail,) = waiting(channel="mail")
    assert routing.assign_one(mail.pk) is None


def test_promised_places_count_for_the_next_invitation(bea, at_work, box_queue):
    at_work(bea)
    assert routing.free_agent(box_queue) == bea
    assert routing.free_agent(box_queue, held={bea.pk: 3}) is None


def test_the_cost_of_choosing_does_not_grow_with_the_history(
    bea, at_work, waiting, django_assert_num_queries
):
    at_work(bea)
    factories.InteractionFactory.create_batch(
        20, agent=bea, status=Status.CLOSED, closed_at=clock.now()
    )
    queue = bea.queues.get()
    with django_assert_num_queries(2):
        assert routing.free_agent(queue) == bea


@pytest.mark.django_db(transaction=True)
def test_closing_one_chat_brings_the_next_in_line(bea, at_work, remote):
    at_work(bea)
    rows = [
        interactions.open("chat", factories.CustomerFactory(), subject=remote) for _ in range(4)
    ]
    assert Interaction.objects.waiting().get() == rows[3]
    interactions.close(rows[0], by=bea, outcome="solved")
    assert not Interaction.objects.waiting().exists()


@pytest.mark.django_db(transaction=True)
def test_eight_workers_never_overbook_two_agents_with_one_place_each(
    bea, carl, at_work, waiting, box_queue
):
    for agent in (bea, carl):
        agent.chat_places = 1
        agent.save()
    at_work(bea, carl)
    waiting(8)

    def work(_number):
        try:
            return routing.drain(box_queue)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = sum(pool.map(work, range(8)))
    assert given == 2
    for agent in (bea, carl):
        assert Interaction.objects.filter(agent=agent, status=Status.ACTIVE).count() == 1
