"""The same done to many: each once, some not and why, in the background when many, and undone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm import clock, registry
from crm.models import AuditEntry, BulkRun, Interaction
from crm.services import bulk, customers, interactions
from tests import factories
from tests.people import _staff

pytestmark = pytest.mark.django_db
LIST = "/console/crm/interaction/"


@pytest.fixture
def lead(bea):
    user = _staff("Lea", "Roux", "lea@lumio.example", "team lead")
    factories.AgentFactory(user=user, display_name="Lea", team=bea.team, queues=[])
    return user


@pytest.fixture
def waiting(ada, box_queue):
    def make(count):
        rows = [interactions.open("mail", ada, queue=box_queue, title="?") for _n in range(count)]
        return [row.pk for row in rows]

    return make


@pytest.fixture
def run(lead):
    def begin(name, keys, **options):
        chosen = bulk.choose(registry.bulk_act(name), keys, by=lead)
        return bulk.start(chosen, options)

    return begin


def states(keys):
    rows = Interaction.objects.filter(pk__in=keys).order_by("pk")
    return [(row.status, row.agent and row.agent.display_name) for row in rows]


def outcomes(run):
    return list(run.rows.order_by("pk").values_list("outcome", "why"))


def test_each_is_given_and_taken_back_to_its_place(run, waiting, carl, lead):
    keys = waiting(3)
    before = dict(Interaction.objects.values_list("pk", "waiting_since"))
    done = run("assign", keys, agent=carl.pk)
    assert (done.state, states(keys)) == ("done", [("active", "Carl")] * 3)
    trail = AuditEntry.objects.filter(door="bulk", verb="changed", model="crm.interaction")
    assert set(trail.values_list("object_id", "actor_id")) == {(key, lead.pk) for key in keys}
    done = bulk.undo(done)
    assert (done.state, states(keys)) == ("undone", [("waiting", None)] * 3)
    assert dict(Interaction.objects.values_list("pk", "waiting_since")) == before
    assert set(Interaction.objects.values_list("priority", flat=True)) == {0}


@pytest.mark.parametrize(("act", "options", "after"), [
    ("close", {"outcome": "solved"}, "closed"),
    ("spam", {}, "closed"),
    ("snooze", {"until": "2100-01-01T10:00:00+00:00"}, "pending"),
])  # fmt: skip
def test_what_an_agent_has_is_hers_again(run, waiting, bea, act, options, after):
    keys = waiting(2)
    interactions.take(keys[0], bea)
    done = run(act, keys, **options)
    assert [status for status, _agent in states(keys)] == [after] * 2
    bulk.undo(done)
    assert states(keys) == [("active", "Bea"), ("waiting", None)]
    assert set(Interaction.objects.values_list("reopened", "outcome")) == {(0, "")}


def test_another_queue_and_back_also_from_the_hands_of_an_agent(
    run, waiting, bea, mobile_queue, box_queue
):
    keys = waiting(2)
    interactions.take(keys[0], bea)
    done = run("queue", keys, queue=mobile_queue.pk)
    assert set(Interaction.objects.values_list("queue", "agent")) == {(mobile_queue.pk, None)}
    bulk.undo(done)
    assert set(Interaction.objects.values_list("queue", flat=True)) == {box_queue.pk}
    assert states(keys) == [("active", "Bea"), ("waiting", None)]


def test_what_changed_since_stays_and_is_named(run, waiting, bea, carl):
    keys = waiting(2)
    done = run("assign", keys, agent=carl.pk)
    interactions.close(interactions.locked(keys[0]), by=carl, outcome="solved")
    done = bulk.undo(done)
    assert states(keys) == [("closed", "Carl"), ("waiting", None)]
    assert [outcome for outcome, _why in outcomes(done)] == ["left", "undone"]
    with pytest.raises(bulk.NotNow):
        bulk.undo(done)


def test_one_refusal_or_error_stops_no_other(run, waiting, carl, monkeypatch):
    keys = waiting(3)
    interactions.close(interactions.locked(keys[0]), outcome="solved")
    assign = interactions.assign

    def stumble(row, *args, **kwargs):
        if row.pk == keys[1]:
            raise RuntimeError
        return assign(row, *args, **kwargs)

    monkeypatch.setattr(interactions, "assign", stumble)
    done = run("assign", [*keys, keys[2], 999_999], agent=carl.pk)
    assert [outcome for outcome, _why in outcomes(done)] == ["skipped"] * 2 + ["done", "skipped"]
    assert all(why for outcome, why in outcomes(done) if outcome == "skipped")


def test_many_go_on_in_the_background_after_a_kill_each_once(run, waiting, carl, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    keys = waiting(4)
    going = run("assign", keys, agent=carl.pk)
    assert (going.state, bulk.counts(going)["handled"]) == ("running", 0)
    record, times = bulk.audit.record, []

    def killed(*args, **kwargs):
        times.append(1)
        if len(times) == 3:
            raise SystemExit
        return record(*args, **kwargs)

    monkeypatch.setattr(bulk.audit, "record", killed)
    with pytest.raises(SystemExit):
        bulk.advance_due()
    assert (bulk.counts(going)["handled"], bulk.counts(going)["total"]) == (2, 4)
    assert [status for status, _agent in states(keys)] == ["active"] * 2 + ["waiting"] * 2
    assert bulk.advance_due() == 2
    going.refresh_from_db()
    assert (going.state, states(keys)) == ("done", [("active", "Carl")] * 4)
    assert bulk.advance_due() == 0
    bulk.undo(going)
    bulk.advance_due()
    assert states(keys) == [("waiting", None)] * 4


def test_whoever_lost_the_right_meanwhile_changes_nothing(run, waiting, carl, lead, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    keys = waiting(1)
    going = run("assign", keys, agent=carl.pk)
    lead.groups.clear()
    bulk.advance_due()
    assert (states(keys), outcomes(going)[0][0]) == ([("waiting", None)], "skipped")


def test_tags_are_added_and_taken_off_again(ada, mia):
    customers.set_tags(ada, ["VIP"])
    chosen = bulk.choose(registry.bulk_act("tag"), [ada.pk], by=mia)
    done = bulk.start(chosen, {"tags": ["fibre", "vip"]})
    assert [tag.name for tag in ada.tags.all()] == ["fibre", "VIP"]
    bulk.undo(done)
    assert [tag.name for tag in ada.tags.all()] == ["VIP"]


def test_a_lead_chooses_in_the_list_says_with_what_and_takes_it_back(enter, lead, waiting, carl):
    keys, page = waiting(3), enter(lead)
    assert 'value="assign"' in page.get(LIST).content.decode()
    said = page.post(LIST, {"action": "assign", "_selected_action": keys[:2], "select_across": 0})
    run = BulkRun.objects.get()
    address = reverse("admin:bulk_run", args=[run.pk])
    assert said.url == address
    assert states(keys) == [("waiting", None)] * 3  # nothing before it is said with what
    assert page.get(address).status_code == 200
    begin = reverse("admin:bulk_start", args=[run.pk])
    assert page.post(begin, {"agent": "99999"}).status_code == 400
    assert page.get(begin).status_code == 405
    for _twice in range(2):
        assert page.post(begin, {"agent": carl.pk}).url == address
    assert states(keys) == [("active", "Carl")] * 2 + [("waiting", None)]
    assert page.get(reverse("admin:bulk_status", args=[run.pk])).json()["handled"] == 2
    page.post(reverse("admin:bulk_undo", args=[run.pk]))
    assert states(keys) == [("waiting", None)] * 3
    assert address in page.get(reverse("admin:bulk")).content.decode()


def test_all_of_the_list_means_all_that_the_filter_shows(enter, lead, waiting):
    keys, page = waiting(30), enter(lead)
    asked = {"action": "spam", "_selected_action": keys[:1], "select_across": 1}
    page.post(f"{LIST}?status__exact=waiting", asked)
    assert bulk.counts(BulkRun.objects.get())["total"] == 30


def test_past_times_and_empty_words_are_refused(enter, lead, waiting, ada, mia):
    page = enter(lead)
    page.post(LIST, {"action": "snooze", "_selected_action": waiting(1)})
    begin = reverse("admin:bulk_start", args=[BulkRun.objects.get().pk])
    past = (clock.now() - timedelta(days=1)).isoformat()
    for until in ("", "soon", past, "9999-12-31T00:00"):
        assert page.post(begin, {"until": until}).status_code == 400
    assert BulkRun.objects.get().state == "new"


def test_nobody_else_chooses_or_sees_it(enter, bea, mallory, mia, waiting, lead, run, carl):
    keys = waiting(1)
    done = run("spam", keys)
    for user in (bea.user, mallory, mia):
        page = enter(user)
        for name in ("bulk_run", "bulk_status"):
            assert page.get(reverse(f"admin:{name}", args=[done.pk])).status_code in (302, 403, 404)
        said = page.post(reverse("admin:bulk_undo", args=[done.pk]))
        assert said.status_code in (302, 403, 404)
    done.refresh_from_db()
    assert done.state == "done"
    enter(bea.user).post(LIST, {"action": "spam", "_selected_action": keys})
    assert BulkRun.objects.count() == 1


def test_runs_are_forgotten_after_a_time_but_not_while_they_run(run, waiting):
    done = run("spam", waiting(1))
    later = clock.now() + timedelta(days=1)
    BulkRun.objects.create(act="spam", by=done.by, state="running")
    assert (bulk.old(later).count(), bulk.forget_old(later, 10)) == (1, 1)
    assert BulkRun.objects.get().state == "running"
