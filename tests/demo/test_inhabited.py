"""Who is simulated says so on the record, goes with the demo's data, and obeys the brake."""

import asyncio

import pytest
from django.urls import reverse

from config.demo import brake, cuts, marks, receivers, removal
from config.demo.simulate import arrivals, ledger, run
from config.management.commands import demo_reset
from crm import clock
from crm.admin.desk import rows
from crm.admin.desk.customer import beside
from crm.models import AgentState, Customer, Visit
from crm.services import customers, interactions, journeys, presence
from selfcare.models import Incident

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path


def _writes(box_queue):
    person = customers.identify("mail", f"jean.baron.0a1b2@{marks.DOMAIN}", name="Jean Baron")
    return interactions.open("mail", person, queue=box_queue)


def test_who_writes_from_the_reserved_domain_is_marked(box_queue) -> None:
    assert Customer.objects.get(pk=_writes(box_queue).customer_id).is_simulated


def test_who_came_from_it_is_marked_and_nobody_else(box_queue, ada) -> None:
    stay = journeys.visit("abc", referrer=marks.REFERRER)
    person = customers.identify("visitor", "abc")
    customers.attach_visit(stay, person)
    interactions.open("chat", person, queue=box_queue, visit=stay)
    interactions.open("chat", ada, queue=box_queue)
    marked = Customer.objects.filter(is_simulated=True)
    assert list(marked) == [person]


def test_the_desk_says_who_is_simulated(box_queue, ada, bea) -> None:
    robot, real = _writes(box_queue), interactions.open("chat", ada, queue=box_queue)
    shown = {row["i"]: row["customer"] for row in rows.rows(bea.user, bea, [robot.pk, real.pk])}
    assert (shown[robot.pk]["simulated"], shown[real.pk]["simulated"]) == (True, False)
    robot.customer.refresh_from_db()
    assert (beside(robot)["simulated"], beside(real)["simulated"]) == (True, False)


def test_the_sweep_marks_whom_a_lost_event_left_out(box_queue, monkeypatch) -> None:
    monkeypatch.setattr(marks, "mark", lambda _customers: 0)
    row = _writes(box_queue)
    monkeypatch.undo()
    assert not Customer.objects.get(pk=row.customer_id).is_simulated
    assert receivers._sweep() == 1
    assert Customer.objects.get(pk=row.customer_id).is_simulated


def test_who_was_on_the_way_goes_after_the_rest(box_queue, ada, mia) -> None:
    interactions.open("chat", ada, queue=box_queue)
    removal.remove(by=mia)
    _writes(box_queue)
    journeys.visit("late", referrer=marks.REFERRER)
    receivers._sweep()
    assert list(Customer.objects.all()) == [ada]
    assert not Visit.objects.exists()


def test_the_brake_is_read_by_the_simulated(client, bea, box_queue) -> None:
    def heard():
        return client.get(reverse("demo_pace")).json()

    assert heard() == {
        "traffic": 1.0, "paused": False, "mondays": 0, "over": False, "served": [],
    }  # fmt: skip
    for word, traffic, paused in (
        ("faster", 2, False), ("pause", 2, True), ("go", 2, False), ("slower", 1, False),
        ("slower", 0.5, False), ("slower", 0, False), ("faster", 0.5, False),
    ):  # fmt: skip
        client.post(reverse("demo_do", args=[word]))
        assert (heard()["traffic"], heard()["paused"]) == (traffic, paused)
    presence.set_state(bea, AgentState.State.AVAILABLE)
    assert heard()["served"] == list(bea.queues.values_list("slug", flat=True))


def test_what_simulated_people_stumble_over_ends_their_process(settings) -> None:
    async def stumbles(*_things) -> None:
        raise RuntimeError("a page that nobody foresaw")

    settings.PORT = 1
    with pytest.raises(RuntimeError):
        asyncio.run(run._run(stumbles, ledger.Ledger("agents"), 0, 1.0, None))


@pytest.mark.parametrize("wanted", ["nan", "-3", "a lot", "11"])
def test_a_traffic_that_cannot_be_is_none(wanted, monkeypatch) -> None:
    monkeypatch.setenv("DEMO_TRAFFIC", wanted)
    assert 0 <= brake.at_start() <= brake.MOST


def test_what_the_page_cuts_is_done_once_and_after_the_answer(client, monkeypatch) -> None:
    client.post(reverse("demo_do", args=["cut-web"]))
    assert cuts.due() == []  # whoever asked gets their page first
    monkeypatch.setattr(cuts, "_FIRST_ANSWERED", 0.0)
    assert cuts.due() == [cuts.WEB]
    assert cuts.due() == []


def test_a_redis_that_is_dead_already_ends_nobody(settings) -> None:
    settings.REDIS_URL = f"unix://{settings.VAR_DIR}/nobody.sock"
    cuts.kill_redis()


def test_a_reset_forgets_what_was_written_down_and_that_the_data_was_removed() -> None:
    written = [ledger.folder(), removal._marker(), removal._leaving()]
    assert {path.name for path in written} <= set(demo_reset.OURS)


def test_a_second_incident_is_not_started(client) -> None:
    for _press in range(2):
        client.post(reverse("demo_do", args=["incident"]))
    assert Incident.objects.open().count() == 1
    assert client.get(reverse("demo_do", args=["incident"])).status_code == 405
    assert client.post(reverse("demo_do", args=["nonsense"])).status_code == 404


def test_somebody_comes_at_any_hour() -> None:
    rates = arrivals.per_hour(clock.now())
    assert min(rates.values()) > 0
