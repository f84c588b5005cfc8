"""The API over the kernel: what an agent may see and say, and the schema it is described by."""

import json

import pytest
from django.core.management import call_command

from crm.models import Message
from tests import factories
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def chat(ada, box_queue, bea):
    return factories.InteractionFactory(
        customer=ada, queue=box_queue, agent=bea, status="active", waiting_since=None
    )


def say(client, interaction, **line):
    line = {"text": "Bonjour Madame Lenoir", "client_id": "k1"} | line
    url = f"/api/v1/interactions/{interaction.pk}/messages/"
    return client.post(url, line, content_type="application/json")


def test_the_schema_is_valid_and_without_a_warning(tmp_path):
    call_command("spectacular", validate=True, fail_on_warn=True, file=str(tmp_path / "schema.yml"))


def test_the_page_of_the_api_names_every_address(beas):
    page = beas.get("/api/v1/docs/").content.decode()
    assert "/api/v1/interactions/{id}/messages/" in page


def test_an_agent_sees_her_queues_and_not_the_others(beas, chat, mobile_queue):
    factories.InteractionFactory(queue=mobile_queue)
    seen = [row["id"] for row in beas.get("/api/v1/interactions/").json()["results"]]
    assert seen == [chat.pk]


def test_a_line_is_said_once_however_often_it_is_sent(beas, chat):
    first, second = say(beas, chat), say(beas, chat)
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] == second.json()["id"]
    assert Message.objects.filter(interaction=chat, kind="text").count() == 1


def test_a_note_stays_among_colleagues(beas, chat):
    assert say(beas, chat, kind="note").status_code == 201
    assert Message.objects.get(interaction=chat, kind="note").customer_seq is None


def test_nobody_writes_into_a_queue_that_is_not_theirs(beas, mobile_queue):
    other = factories.InteractionFactory(queue=mobile_queue)
    assert say(beas, other).status_code == 404


def test_a_manager_who_is_no_agent_reads_and_says_nothing(mia, chat):
    assert say(signed_in(mia, second_factor=True), chat).status_code == 403


def test_an_unknown_address_answers_in_json(client):
    answer = client.get("/api/v1/nothing/at/all/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_text_that_the_database_cannot_keep_is_refused_wherever_it_stands(root, text):
    bodies = [
        ("phone-numbers", {"number": "+33199001234", "queues": [text]}),
        ("targets", {"name": text}),
        ("targets", {text: "x"}),
    ]
    for prefix, body in bodies:
        url = f"/api/v1/{prefix}/"
        answer = root.post(url, json.dumps(body), content_type="application/json")
        assert (answer.status_code, list(answer.json())) == (400, ["detail"]), url


@pytest.mark.parametrize("address", ["interactions/?channel=%00", "interactions/%00/"])
def test_an_address_that_the_database_cannot_read_is_refused(root, address):
    assert root.get(f"/api/v1/{address}").status_code == 400


def test_a_rule_for_a_channel_that_does_not_exist_is_refused(root):
    def make(channel):
        body = {"name": "Rule", "channel": channel}
        return root.post("/api/v1/targets/", body, content_type="application/json")

    assert list(make("telex").json()) == ["channel"]
    assert make("telex").status_code == 400
    assert make("mail").status_code == 201
