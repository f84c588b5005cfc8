"""The desk: what it shows, at which price, and what it lets whom do."""

import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from crm import clock
from crm.admin.desk import state as desk_state
from crm.models import Message, Status
from crm.services import interactions, journeys, posting
from crm.services.access import DEMO_KEY
from tests import factories

DESK = "/console/desk/"
STATIC = Path(__file__).parents[2] / "crm" / "static" / "crm"
Author = Message.Author


@pytest.fixture
def signed_in(settings):
    """`signed_in(user)`: a browser session that counts as behind two factors."""
    settings.DEMO = True

    def enter(user):
        client = Client()
        client.force_login(user)
        session = client.session
        session[DEMO_KEY] = True
        session.save()
        return client

    return enter


@pytest.fixture
def desk(signed_in, bea):
    return signed_in(bea.user)


@pytest.fixture
def chat(ada, remote):
    """Ada's chat, waiting, with her first line."""

    def make(agent=None, **fields):
        interaction = interactions.open("chat", ada, subject=remote, **fields)
        posting.post(interaction, author=Author.CUSTOMER, text="Ma télécommande…")
        if agent:
            interactions.assign(interaction, agent)
        interaction.refresh_from_db()
        return interaction

    return make


def state_in(page):
    text = page.content.decode()
    start = text.index('<script id="desk-state" type="application/json">') + 48
    return json.loads(text[start : text.index("</script>", start)])


def test_the_desk_shows_what_i_hold_and_what_waits_in_my_queues(desk, bea, carl, chat, ada, sim):
    mine, waiting, carls = chat(bea), chat(), chat(carl)
    elsewhere = interactions.open("chat", ada, subject=sim)
    rows = {row["i"]: row for row in state_in(desk.get(DESK))["rows"]}
    assert set(rows) == {mine.pk, waiting.pk}
    assert elsewhere.pk not in rows
    assert carls.pk not in rows
    assert rows[mine.pk]["line"]["text"] == "Ma télécommande…"
    assert rows[mine.pk]["customer"]["addressed"] == "Madame Lenoir"
    assert len(rows[mine.pk]["unread"]) == 1
    assert rows[waiting.pk]["unread"] == []


@pytest.mark.parametrize("size", [2, 200])
def test_a_cold_desk_takes_twelve_queries_at_any_size(
    desk, bea, box_queue, remote, size, django_assert_max_num_queries
):
    for number in range(size):
        agent = bea if number % 2 else None
        row = factories.InteractionFactory(
            queue=box_queue,
            subject=remote,
            agent=agent,
            status=Status.ACTIVE if agent else Status.WAITING,
        )
        posting.post(row, author=Author.CUSTOMER, text=f"Ligne {number}")
    desk.get(DESK)
    with django_assert_max_num_queries(12):
        page = desk.get(DESK)
    assert len(state_in(page)["rows"]) == size


def test_a_cold_desk_loads_less_than_120_kb_of_our_own():
    """Every script and style sheet of the kernel: the desk's page loads most of them."""
    files = [*STATIC.rglob("*.js"), *STATIC.rglob("*.css")]
    assert 20_000 < sum(len(gzip.compress(file.read_bytes())) for file in files) < 120_000


def test_an_opened_exchange_tells_who_it_is_and_what_they_tried_first(desk, bea, ada, remote):
    visit = journeys.visit("visite-1")
    journeys.step(visit, "search", "ma télécommande l", value=4)
    journeys.step(visit, "article", "Votre télécommande ne répond plus")
    earlier = interactions.open("chat", ada, subject=remote)
    interactions.close(earlier, by=bea, outcome="solved")
    row = interactions.open("chat", ada, subject=remote, visit=visit)
    posting.post(row, author=Author.CUSTOMER, text="Bonjour")
    interactions.assign(row, bea)
    answer = desk.get(f"{DESK}{row.pk}/").json()
    assert [step["label"] for step in answer["customer"]["journey"]["steps"]] == [
        "ma télécommande l",
        "Votre télécommande ne répond plus",
    ]
    assert answer["row"]["verified"] is None  # nobody has proven it in this exchange
    assert [entry["i"] for entry in answer["timeline"]["entries"]] == [earlier.pk]
    kinds = [frame["m"]["kind"] for frame in answer["talk"]["frames"]]
    assert kinds == ["text", "event"]
    row.refresh_from_db()
    assert answer["talk"]["seq"] == row.staff_seq


def test_earlier_exchanges_are_paged_by_key(desk, bea, ada, remote):
    keys = []
    for _number in range(15):
        one = interactions.open("chat", ada, subject=remote)
        interactions.close(one, by=bea, outcome="solved")
        keys.append(one.pk)
    row = interactions.open("chat", ada, subject=remote)
    first = desk.get(f"{DESK}{row.pk}/").json()["timeline"]
    rest = desk.get(f"{DESK}{row.pk}/part/timeline/", {"before": first["next"]}).json()
    assert [entry["i"] for entry in first["entries"] + rest["entries"]] == keys[::-1]
    assert rest["next"] is None


def test_earlier_messages_are_paged_by_key(desk, bea, chat):
    row = chat(bea)
    for number in range(130):
        posting.post(row, author=Author.AGENT, agent=bea, text=str(number))
    talk = desk.get(f"{DESK}{row.pk}/").json()["talk"]
    assert len(talk["frames"]) == 100
    assert talk["more"]
    before = talk["frames"][0]["m"]["id"]
    older = desk.get(f"{DESK}{row.pk}/part/messages/", {"before": before}).json()
    assert not older["more"]
    assert older["frames"][-1]["m"]["id"] < before


def test_an_agent_takes_answers_waits_and_closes(desk, bea, chat, remote):
    row = chat()
    assert desk.post(f"{DESK}{row.pk}/take/").json()["row"]["agent"]["id"] == bea.pk
    said = {"text": "Bonjour Madame Lenoir", "client_id": "a1"}
    assert desk.post(f"{DESK}{row.pk}/say/", said).status_code == 200
    assert desk.post(f"{DESK}{row.pk}/say/", said).status_code == 200
    assert row.messages.filter(text="Bonjour Madame Lenoir").count() == 1
    assert desk.post(f"{DESK}{row.pk}/wait/").json()["row"]["status"] == Status.PENDING
    code = {"outcome": "solved", "subject": remote.pk, "nature": "fault"}
    assert desk.post(f"{DESK}{row.pk}/close/", code).json()["row"]["status"] == Status.CLOSED
    row.refresh_from_db()
    assert (row.outcome, row.nature, row.real_subject, row.closed_by) == (
        "solved",
        "fault",
        remote,
        bea,
    )
    assert desk.post(f"{DESK}{row.pk}/reopen/").json()["row"]["agent"]["id"] == bea.pk


def test_send_and_close_is_one_step_or_none(desk, bea, chat):
    row = chat(bea)
    before = row.messages.count()
    bad = {"text": "Au revoir", "client_id": "c1", "then": "close", "outcome": "perhaps"}
    assert desk.post(f"{DESK}{row.pk}/say/", bad).status_code == 400
    assert row.messages.count() == before
    good = bad | {"outcome": "solved"}
    assert desk.post(f"{DESK}{row.pk}/say/", good).json()["row"]["status"] == Status.CLOSED
    assert row.messages.filter(text="Au revoir").count() == 1


def test_a_transfer_goes_to_one_queue_or_one_colleague_with_its_note(
    desk, bea, carl, chat, mobile_queue
):
    row = chat(bea)
    both = {"to_agent": carl.pk, "to_queue": mobile_queue.pk}
    for wrong in ({}, both, {"to_agent": bea.pk}, {"to_queue": 9999999}):
        assert desk.post(f"{DESK}{row.pk}/transfer/", wrong).status_code == 400
    row.refresh_from_db()
    assert row.agent == bea
    given = {"to_agent": carl.pk, "note": "Elle préfère le soir."}
    desk.post(f"{DESK}{row.pk}/transfer/", given)
    row.refresh_from_db()
    assert row.agent == carl
    assert row.messages.get(kind="note").text == "Elle préfère le soir."


def test_setting_aside_wants_a_time_to_come(desk, bea, chat):
    row = chat(bea)
    past = (clock.now() - timedelta(hours=1)).isoformat()
    for wrong in ("", "demain", past, "2999-01-01T00:00:00Z"):
        assert desk.post(f"{DESK}{row.pk}/snooze/", {"until": wrong}).status_code == 400
    until = desk_state.snoozes()[0]["at"]
    assert desk.post(f"{DESK}{row.pk}/snooze/", {"until": until}).status_code == 200
    row.refresh_from_db()
    assert row.status == Status.PENDING
    assert row.wake_at is not None


def test_two_who_take_at_once_are_told_who_was_faster(signed_in, bea, carl, chat):
    row = chat()
    signed_in(bea.user).post(f"{DESK}{row.pk}/take/")
    answer = signed_in(carl.user).post(f"{DESK}{row.pk}/take/")
    assert answer.status_code == 409
    assert answer.json()["error"] == "not_free"
    row.refresh_from_db()
    assert row.agent == bea


VERBS = ["take", "say", "transfer", "wait", "snooze", "close", "reopen"]
FIELDS = {"text": "Bonjour", "client_id": "x", "outcome": "solved", "until": "2026-12-31T10:00:00Z"}


def _nothing_happened(row, before):
    row.refresh_from_db()
    assert (row.status, row.agent_id, row.staff_seq, row.outcome) == before


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("who", ["nobody", "customer", "stranger", "without a second factor"])
def test_who_does_not_work_here_changes_nothing(verb, who, bea, chat, ada_user, mallory, settings):
    settings.DEMO = True
    row = chat(bea)
    before = (row.status, row.agent_id, row.staff_seq, row.outcome)
    client = Client()
    people = {
        "customer": ada_user,
        "stranger": mallory,
        "without a second factor": bea.user,
    }
    if who in people:
        client.force_login(people[who])
    answer = client.post(f"{DESK}{row.pk}/{verb}/", FIELDS)
    assert answer.status_code in (302, 403, 404)
    assert client.get(f"{DESK}{row.pk}/").status_code in (302, 403, 404)
    assert client.get(f"{DESK}snapshot/").status_code in (302, 403, 404)
    _nothing_happened(row, before)


@pytest.mark.parametrize("verb", VERBS)
def test_an_agent_of_another_queue_does_not_even_learn_that_it_exists(
    verb, signed_in, bea, carl, chat, mobile_queue
):
    carl.skills.all().delete()
    factories.models.AgentSkill.objects.create(agent=carl, queue=mobile_queue)
    row = chat(bea)
    before = (row.status, row.agent_id, row.staff_seq, row.outcome)
    client = signed_in(carl.user)
    assert client.post(f"{DESK}{row.pk}/{verb}/", FIELDS).status_code == 404
    assert client.get(f"{DESK}{row.pk}/").status_code == 404
    for part in ("messages", "timeline", "seen", "head"):
        assert client.get(f"{DESK}{row.pk}/part/{part}/").status_code == 404
    answer = client.get(f"{DESK}rows/", {"i": row.pk}).json()
    assert answer == {"rows": [], "gone": [row.pk]}
    _nothing_happened(row, before)


@pytest.mark.parametrize("verb", sorted({*VERBS} - {"reopen"}))
def test_what_a_colleague_holds_stays_theirs(verb, signed_in, bea, carl, chat, mobile_queue):
    row = chat(bea)
    before = (row.status, row.agent_id, row.staff_seq, row.outcome)
    fields = FIELDS | {"to_queue": mobile_queue.pk}
    answer = signed_in(carl.user).post(f"{DESK}{row.pk}/{verb}/", fields)
    assert answer.status_code == 409
    assert answer.json()["message"]
    _nothing_happened(row, before)


def test_a_note_on_a_colleagues_exchange_is_welcome_and_not_for_the_customer(
    signed_in, bea, carl, chat
):
    row = chat(bea)
    note = {"text": "Déjà vue hier.", "client_id": "n1", "kind": "note"}
    assert signed_in(carl.user).post(f"{DESK}{row.pk}/say/", note).status_code == 200
    assert row.messages.get(kind="note").customer_seq is None


def test_a_manager_reads_and_does_not_answer(signed_in, mia, bea, chat):
    row = chat(bea)
    client = signed_in(mia)
    assert client.get(DESK).status_code == 200
    assert client.get(f"{DESK}{row.pk}/").status_code == 200
    for verb in VERBS:
        assert client.post(f"{DESK}{row.pk}/{verb}/", FIELDS).status_code == 403
    assert client.post(f"{DESK}state/", {"state": "available"}).status_code == 403


def test_actions_are_posts_with_a_token(desk, bea, chat):
    row = chat(bea)
    assert desk.get(f"{DESK}{row.pk}/close/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.cookies
    assert strict.post(f"{DESK}{row.pk}/close/", {"outcome": "solved"}).status_code == 403
    row.refresh_from_db()
    assert row.status == Status.ACTIVE


def test_my_state_is_set_by_hand_and_never_to_what_the_ledger_decides(desk, bea):
    answer = desk.post(f"{DESK}state/", {"state": "break", "reason": "déjeuner"}).json()
    assert (answer["state"], answer["reason"]) == ("break", "déjeuner")
    for wrong in ("working", "wrap_up", "", "asleep"):
        assert desk.post(f"{DESK}state/", {"state": wrong}).status_code == 400
    assert state_in(desk.get(DESK))["me"]["state"] == "break"


def test_the_count_in_the_sidebar_is_what_waits_for_me(desk, bea, chat):
    chat(bea)
    answered = chat(bea)
    posting.post(answered, author=Author.AGENT, agent=bea, text="Bonjour")
    assert desk.get(f"{DESK}count/").json() == {"count": 1}


def test_our_part_of_the_page_has_no_inline_script_or_style(desk):
    page = desk.get(DESK).content.decode()
    ours = page[page.index('class="desk-panes"') : page.index('id="desk-state"')]
    assert ours.count("<script") == 1  # the state's own element
    assert " style=" not in ours
    assert reverse("admin:workspace") == DESK
