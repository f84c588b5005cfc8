"""Why not: each code has somebody who brings it about. And what administrators see of it."""

import html
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from crm import clock
from crm.models import (
    Agent,
    AgentSkill,
    AgentState,
    Heartbeat,
    HeldForCall,
    Participant,
    Queue,
    Requirement,
    Shift,
    Skill,
    Status,
    User,
    WorkSegment,
)
from crm.services import capacity, interactions, presence, routing
from crm.services.routing import why
from tests import factories
from tests.test_architecture import queries_of

pytestmark = pytest.mark.django_db


def paris(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def row(box_queue):
    """`row()`: something that waits in Bea's queue."""

    def make(**fields):
        return factories.InteractionFactory(**{"queue": box_queue} | fields)

    return make


# -- one test per code


def _lacks_skill(bea, row):
    skill = Skill.objects.create(slug="fibre", name_fr="Fibre")
    Requirement.objects.create(queue=row.queue, skill=skill, level=2)


def _let_it_lapse(bea, row):
    Participant.objects.create(
        interaction=row, agent=bea, role="agent", joined_at=clock.now(), lapsed_at=clock.now()
    )


def _in_a_call(bea, row):
    interactions.assign(factories.InteractionFactory(channel="callback"), bea)


def _in_a_chat(bea, row):
    interactions.assign(factories.InteractionFactory(), bea)


OF_AGENT = {
    "inactive": lambda bea, row: User.objects.filter(pk=bea.user_id).update(is_active=False),
    "queue": lambda bea, row: AgentSkill.objects.filter(agent=bea).delete(),
    "skill": _lacks_skill,
    "language": lambda bea, row: Agent.objects.filter(pk=bea.pk).update(languages=["en"]),
    "offline": lambda bea, row: Heartbeat.objects.update(
        seen_at=clock.wall() - timedelta(seconds=31)
    ),
    "state": lambda bea, row: presence.set_state(bea, "break"),
    "lapsed": _let_it_lapse,
    "on_call": _in_a_call,
    "busy": _in_a_chat,
    "call_due": lambda bea, row: HeldForCall.objects.create(
        agent=bea, interaction=factories.InteractionFactory(channel="callback", queue=row.queue)
    ),
    "full": lambda bea, row: Agent.objects.filter(pk=bea.pk).update(chat_places=0),
}


@pytest.mark.parametrize("code", capacity.RULES)
def test_each_rule_keeps_it_waiting_is_stored_and_is_said(bea, carl, at_work, row, code):
    at_work(bea)
    waiting = row(channel="callback" if code == "busy" else "chat")
    OF_AGENT[code](bea, waiting)
    assert routing.assign_one(waiting.pk) is None
    waiting.refresh_from_db()
    assert waiting.status == Status.WAITING
    found = routing.picture(
        waiting.queue, channel=waiting.channel, language="fr"
    ).people  # what the page shows is what was decided
    if code == "queue":  # who does not stand behind it is not even looked at
        assert bea not in [person.agent for person in found]
        assert capacity.failing(
            capacity.of([bea.pk])[bea.pk], capacity.need_of(waiting), capacity.now()
        ) == ["queue"]
        return
    assert waiting.unassigned.codes[str(bea.pk)] == [code]
    assert dict(routing.by_agent(waiting))[bea] == [str(why.OF_AGENT[code])]
    if code != "lapsed":  # of this one only, not of the next
        assert next(person for person in found if person.agent == bea).codes == [code]


def _kept(bea, row):
    Agent.objects.filter(pk=bea.pk).update(chat_places=1)
    other = factories.InteractionFactory(queue=row.queue)
    interactions.assign(other, bea)
    interactions.end_exchange(other)
    type(row).objects.filter(pk=row.pk).update(wanted_agent=bea)


OWN = {
    "background": {"channel": "mail"},
    "pull": lambda bea, row: Queue.objects.update(mode=Queue.Mode.PULL),
    "channel": lambda bea, row: Queue.objects.update(channels=["callback"]),
    "nobody": lambda bea, row: AgentSkill.objects.all().delete(),
    "kept": _kept,
}


@pytest.mark.parametrize("code", why.OWN)
def test_each_reason_of_its_own_keeps_it_waiting_is_stored_and_is_said(bea, at_work, row, code):
    at_work(bea)
    change = OWN[code]
    waiting = row(**change) if isinstance(change, dict) else row()
    if callable(change):
        change(bea, waiting)
    assert routing.assign_one(waiting.pk) is None
    waiting.refresh_from_db()
    assert waiting.unassigned.codes[""] == [code]
    assert str(why.OWN[code]) in routing.reasons(waiting)


def test_the_agents_are_asked_once_for_many_that_come_together(bea, at_work, row):
    at_work(bea)
    presence.set_state(bea, "break")
    first, second, lapsed = row(), row(), row()
    _let_it_lapse(bea, lapsed)
    for waiting in (first, second, lapsed):
        assert routing.assign_one(waiting.pk) is None
    assert second.unassigned.codes == first.unassigned.codes == {str(bea.pk): ["state"]}
    assert second.unassigned.at == first.unassigned.at, "it says as of when"
    assert lapsed.unassigned.codes[str(bea.pk)] == ["state", "lapsed"]
    assert lapsed.unassigned.at > first.unassigned.at


# -- what if


def test_now_it_is_what_routing_would_do(bea, carl, at_work, row, remote):
    at_work(bea, carl)
    interactions.assign(row(), bea)
    found = routing.what_if(remote, channel="chat", language="fr", at=clock.now()).picture
    assert [person.agent for person in found.people] == [carl, bea]
    assert routing.assign_one(row().pk) == carl
    call = routing.what_if(remote, channel="callback", language="fr", at=clock.now()).picture
    assert [person.codes for person in call.people] == [["busy"], ["busy"]]


def test_in_the_past_the_ledgers_answer(bea, carl, row, remote):
    then = paris(20, 10)
    AgentState.objects.create(agent=bea, state="working", since=then, until=paris(20, 12))
    AgentState.objects.create(agent=carl, state="break", since=then, until=paris(20, 12))
    for _n in range(3):
        WorkSegment.objects.create(
            agent=bea, interaction=row(), kind="write", since=then, until=paris(20, 11)
        )

    def codes(at):
        people = routing.what_if(remote, channel="chat", language="fr", at=at).picture.people
        return {person.agent: person.codes for person in people}

    assert codes(paris(20, 10, 30)) == {bea: ["full"], carl: ["state"]}
    assert codes(paris(20, 11, 30)) == {bea: [], carl: ["state"]}
    assert codes(paris(20, 12, 30)) == {bea: ["offline", "state"], carl: ["offline", "state"]}


def test_in_the_future_the_shifts_answer_and_the_hours(bea, carl, sim, box_queue, always):
    soon = clock.now() + timedelta(days=30)
    sim.off_hours_queue, sim.schedule = box_queue, always
    sim.save()
    found = routing.what_if(sim, channel="chat", language="fr", at=soon).picture
    assert found.source == "unplanned"
    Shift.objects.create(agent=carl, starts_at=soon, ends_at=soon + timedelta(hours=8))
    night = soon.replace(hour=2)
    found = routing.what_if(sim, channel="chat", language="fr", at=night)
    assert found.is_open
    assert found.off_hours
    assert found.picture.queue == box_queue
    people = routing.picture(box_queue, channel="chat", language="fr", at=soon).people
    assert {person.agent: bool(person.codes) for person in people} == {carl: False, bea: True}


# -- the doors


def test_the_pages_say_who_and_why_not_and_what_waits(bea, carl, mia, enter, at_work, row):
    at_work(bea)
    interactions.assign(factories.InteractionFactory(channel="callback"), bea)
    waiting = row()
    routing.assign_one(waiting.pk)
    door = enter(mia)
    page = door.get("/console/routing/box/?channel=chat&language=fr").content.decode()
    assert "est en ligne" in page
    assert waiting.reference in page
    assert str(why.OF_AGENT["offline"]) in page
    assert "Assistance box" in door.get("/console/routing/").content.decode()
    asked = {"subject": factories.SubjectFactory().pk, "channel": "chat", "at": "2026-11-21T10:00"}
    answer = door.get("/console/routing/", asked).content.decode()
    assert "samedi 21 novembre" in answer
    desk = enter(bea.user).get(f"/console/desk/{waiting.pk}/").json()
    assert "est en ligne" in desk["head"]
    change = reverse("admin:crm_interaction_change", args=[waiting.pk])
    assert "Bea" in door.get(change).content.decode()


def test_the_api_says_the_same(bea, mia, enter, at_work, row, remote):
    at_work(bea)
    waiting = row(channel="mail")
    routing.assign_one(waiting.pk)
    door, queue = enter(mia), f"/api/v1/queues/{waiting.queue_id}"
    found = door.get(f"{queue}/next/", {"channel": "chat"}).json()
    assert [(one["name"], one["codes"]) for one in found["people"]] == [("Bea", [])]
    (line,) = door.get(f"{queue}/waiting/").json()
    assert line["codes"][""] == ["background"]
    asked = {"subject": remote.pk, "at": "2026-11-20T10:00:00Z", "channel": "callback"}
    answer = door.get("/api/v1/queues/what-if/", asked).json()
    assert answer["picture"]["people"][0]["codes"] == ["offline", "state"]
    assert door.get("/api/v1/queues/what-if/", {"subject": 0}).status_code == 400


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda queue, bea: None, "free"),
        (lambda queue, bea: Agent.objects.update(chat_places=1), "busy"),
        (lambda queue, bea: Queue.objects.update(max_waiting=0), "full"),
        (lambda queue, bea: presence.set_state(bea, "offline"), "nobody"),
    ],
)
def test_the_page_and_the_api_say_whether_whoever_comes_now_is_let_in(
    bea, mia, enter, at_work, row, change, state
):
    at_work(bea)
    if state != "free":
        Agent.objects.update(chat_places=1)
        interactions.assign(row(), bea)
    queue = bea.queues.get()
    change(queue, bea)
    door = enter(mia)
    said = door.get(f"/api/v1/queues/{queue.pk}/next/", {"channel": "chat"}).json()["newcomer"]
    assert (said["state"], said["is_refused"]) == (state, state != "free")
    page = door.get("/console/routing/box/?channel=chat&language=fr").content.decode()
    assert said["words"] in html.unescape(page)
    mail = door.get(f"/api/v1/queues/{queue.pk}/next/", {"channel": "mail"}).json()
    assert mail["newcomer"] is None


def test_agents_do_not_see_what_colleagues_do(bea, carl, enter, row):
    door = enter(bea.user)
    assert door.get("/console/routing/").status_code == 403
    assert door.get("/console/routing/box/").status_code == 403
    assert door.get(f"/api/v1/queues/{row().queue_id}/next/").status_code == 403


def test_a_lead_reads_only_the_lines_they_may_see(bea, mia, enter, row, mobile_queue):
    row(queue=mobile_queue)
    waiting = f"/api/v1/queues/{mobile_queue.pk}/waiting/"
    assert enter(bea.user).get(waiting).json() == []
    assert len(enter(mia).get(waiting).json()) == 1


@pytest.mark.parametrize("url", ["/console/routing/", "/console/routing/box/"])
def test_the_pages_cost_the_same_with_many_agents_and_many_waiting(mia, enter, row, url):
    door = enter(mia)
    queue = row().queue
    factories.AgentFactory(queues=[queue])
    few = queries_of(door, url)
    for _n in range(12):
        row()
        factories.AgentFactory(queues=[queue])
        factories.QueueFactory(slug=f"q{_n}", schedule=queue.schedule)
    assert queries_of(door, url) == few
