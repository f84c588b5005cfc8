"""Many workers, people who come and go, workers that die, a broker that forgets: the lines hold.

Small by default; BRAVO_PROVE=1 plays it with 1,000 who wait and 50 agents."""

import multiprocessing
import os
import random
import signal
import threading
import time
from contextlib import suppress

import pytest
import redis
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction

from crm import clock
from crm.models import Agent, Heartbeat, Interaction, Message, Queue, Status
from crm.services import capacity, interactions, presence, routing
from crm.services.routing import assigning
from tests import factories

FULL = os.environ.get("BRAVO_PROVE") == "1"
WAITING, AGENTS, WORKERS, KILLED, SECONDS = (1000, 50, 8, 8, 40.0) if FULL else (60, 8, 4, 2, 3.0)
fork = multiprocessing.get_context("fork")
SEED = int(os.environ.get("BRAVO_SEED", "4"))

# writes down every assignment that leaves an agent with more than they may hold, as it happens
_WATCH = """
CREATE TABLE overbooked (agent_id bigint, held int);
CREATE FUNCTION watch_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held int; allowed int;
BEGIN
  SELECT count(*) INTO held FROM crm_interaction
    WHERE agent_id = NEW.agent_id AND status = 'active' AND channel = 'chat';
  SELECT chat_places INTO allowed FROM crm_agent WHERE id = NEW.agent_id;
  IF held > allowed THEN INSERT INTO overbooked VALUES (NEW.agent_id, held); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER watch_places AFTER UPDATE ON crm_interaction FOR EACH ROW
  WHEN (NEW.status = 'active' AND OLD.status <> 'active') EXECUTE FUNCTION watch_places();
"""
_UNWATCH = "DROP TRIGGER watch_places ON crm_interaction; DROP FUNCTION watch_places();"


@pytest.fixture
def overbooked(transactional_db):
    def sql(text):
        with connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall() if cursor.description else []

    sql(_WATCH)
    yield lambda: sql("SELECT agent_id, held FROM overbooked")
    sql(_UNWATCH + "DROP TABLE overbooked")


class Storm:
    """Threads that do at random what a day does, until the time is over."""

    def __init__(self, queues):
        self.queues = queues
        self.processes = [
            fork.Process(target=_work_until_killed, args=(SEED * 1000 + n, queues), daemon=True)
            for n in range(KILLED)
        ]
        self.alive = list(self.processes)
        self.agents = list(Agent.objects.order_by("pk"))
        self.until = time.monotonic() + SECONDS
        self.broken: list[BaseException] = []
        self.done: dict[str, int] = {}

    def blow(self):
        for process in self.processes:  # before any thread is there
            process.start()
        threads = [threading.Thread(target=self.work, args=(n,)) for n in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while self.alive:
            self.kill(None)

    def work(self, number):
        chance = random.Random(SEED * 100 + number)
        deeds = [self.drain, self.fill, self.close, self.close, self.close, self.transfer]
        deeds += [self.come_or_go, self.die, self.kill, self.forget]
        weights = [3, 4, 4, 4, 4, 2, 3, 1, 0.2, 0.2]
        try:
            while time.monotonic() < self.until:
                deed = chance.choices(deeds, weights)[0]
                deed(chance)
                self.done[deed.__name__] = self.done.get(deed.__name__, 0) + 1
        except BaseException as error:  # told in the test's own thread
            self.broken.append(error)
        finally:
            connection.close()

    def drain(self, chance):
        routing.drain(chance.choice(self.queues))

    def fill(self, chance):
        routing.fill(chance.choice(self.agents).pk)

    def close(self, chance):
        row = self.one_in_hand(chance)
        if row is not None:
            interactions.close(row, by=row.agent, outcome="solved")

    def transfer(self, chance):
        row = self.one_in_hand(chance)
        if row is not None:
            with suppress(interactions.NotFree):  # a colleague closed it
                interactions.transfer(row, by=row.agent, to_queue=chance.choice(self.queues))

    def one_in_hand(self, chance):
        held = Interaction.objects.filter(status=Status.ACTIVE).select_related("agent")
        rows = list(held.order_by("pk")[:200])
        return chance.choice(rows) if rows else None

    def come_or_go(self, chance):
        agent = chance.choice(self.agents)
        presence.beat(agent)
        presence.set_state(agent, chance.choice(["available"] * 3 + ["break", "offline"]))

    def die(self, chance):
        """Killed between the assignment and its commit."""
        with suppress(DatabaseError, OperationalError), transaction.atomic():
            assigning._next_for(chance.choice(self.agents).pk)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        connection.close()

    def kill(self, chance):
        """SIGKILL, whatever it is doing: a statement, a commit, or what follows a commit."""
        with suppress(IndexError):
            process = self.alive.pop()
            process.kill()
            process.join()

    def forget(self, chance):
        redis.from_url(settings.REDIS_URL).flushall()


def _work_until_killed(seed, queues):
    """A worker of its own process."""
    connection.connection = None  # the parent's, and not ours to close
    chance = random.Random(seed)
    agents = list(Agent.objects.values_list("pk", flat=True))
    while True:
        routing.drain(chance.choice(queues))
        routing.fill(chance.choice(agents))


def _everybody_available(agents):
    for agent in agents:
        presence.beat(agent)
        presence.set_state(agent, "available")


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_nobody_is_overbooked_forgotten_or_served_twice(overbooked):
    chance = random.Random(SEED)
    queues = [factories.QueueFactory(slug=slug) for slug in ("box", "mobile")]
    for number in range(AGENTS):
        factories.AgentFactory(
            chat_places=chance.choice([1, 2, 3]),
            languages=chance.choice([["fr"], ["fr", "en"]]),
            queues=queues if number % 2 else queues[:1],
        )
    customer = factories.CustomerFactory()
    for number in range(WAITING):
        factories.InteractionFactory(
            customer=customer,
            queue=chance.choice(queues),
            priority=chance.choice([0, 0, 0, 1, 3]),
            language=chance.choice(["fr", "fr", "fr", "en"]),
            title=str(number),
        )
    storm = Storm(queues)
    _everybody_available(storm.agents)
    storm.blow()
    assert storm.broken == []
    assert {process.exitcode for process in storm.processes} == {-signal.SIGKILL}

    # the storm is over: everybody is there, and one after the other is served
    _everybody_available(storm.agents)
    for _round in range(WAITING):
        _still_there()
        routing.drain()
        held = Interaction.objects.filter(status=Status.ACTIVE)
        if not held.exists():
            break
        for row in held.select_related("agent"):
            interactions.close(row, by=row.agent, outcome="solved")

    assert overbooked() == []
    assert not Interaction.objects.exclude(status=Status.CLOSED).exists(), "forgotten"
    assert set(Interaction.objects.values_list("closed_by", flat=True)) - {None}
    _each_hand_over_is_told_once()
    _the_hints_are_true(storm.agents)


def _still_there():
    """Screens beat by real time, which this machine may need more of than they bear."""
    Heartbeat.objects.update(seen_at=clock.wall())


def _each_hand_over_is_told_once():
    """Assigned, given back, assigned…: never assigned to two without being given back."""
    said = Message.objects.filter(kind="event").order_by("interaction", "staff_seq")
    last: dict[int, str] = {}
    for key, body in said.values_list("interaction", "body"):
        if body["event"] in ("assigned", "transferred"):
            twice = body["event"] == "assigned" == last.get(key)
            assert not twice, f"{key} was assigned to two"
            last[key] = body["event"]
    assert len(last) == Interaction.objects.count()


def _the_hints_are_true(agents):
    known = capacity.of(agent.pk for agent in agents)
    for agent in agents:
        facts = known[agent.pk]
        assert (facts.places, facts.whole) == (0, 0)
        for standing in agent.standings.all():
            assert standing.places == 0
            assert standing.room == (facts.limit if facts.state == "available" else 0)


@pytest.mark.django_db
def test_the_line_is_served_in_its_order_whatever_the_priorities(bea, at_work, box_queue):
    """Within a priority the earliest first; one step of priority is worth ten minutes."""
    chance = random.Random(SEED)
    type(bea).objects.update(chat_places=1)
    at_work(bea)
    now = bea.states.get().since
    for _number in range(WAITING // 2):
        factories.InteractionFactory(
            queue=box_queue,
            priority=chance.choice([0, 0, 1, 2]),
            waiting_since=now - _minutes(chance.uniform(0, 60)),
        )
    rows = list(Interaction.objects.all())
    expected = sorted(rows, key=lambda r: (r.waiting_since - _minutes(10 * r.priority), r.pk))
    served = []
    while row := routing.assign_next(box_queue):
        served.append(row.pk)
        interactions.close(row, by=bea, outcome="solved")
        _still_there()
    assert served == [row.pk for row in expected]


def _minutes(number):
    from datetime import timedelta

    return timedelta(minutes=number)


def test_pull_queues_wait_for_next_please(bea, at_work, box_queue):
    Queue.objects.update(mode="pull")
    at_work(bea)
    box_queue.refresh_from_db()
    row = factories.InteractionFactory(queue=box_queue)
    assert routing.drain(box_queue) == 0
    assert routing.assign_one(row.pk) is None
    assert row.unassigned.codes[""] == ["pull"]
    assert routing.next_please(bea) == row
    assert routing.next_please(bea) is None
