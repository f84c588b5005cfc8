"""Due times and complaints at the desk, in the console and over REST."""

import pytest
from django.urls import reverse

from crm.models import Complaint, DueTime, Message, Target
from crm.services import complaints, interactions, posting
from tests import factories
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules(db):
    Target.objects.all().delete()
    Target.objects.create(name="c", nature="complaint", first_answer="2 d", solution="10 d")
    Target.objects.create(name="m", channel="mail", position=1, first_answer="24 h")


@pytest.fixture
def row(ada, bea, remote):
    row = interactions.open("mail", ada, subject=remote)
    posting.post(row, author=Message.Author.CUSTOMER, text="Je me plains")
    interactions.take(row.pk, bea)
    return row


def act(client, row, verb, **fields):
    return client.post(f"/console/desk/{row.pk}/{verb}/", fields)


def test_the_desk_shows_what_is_due_and_no_more_once_it_is_answered(beas, bea, row):
    shown = beas.get("/console/desk/rows/", {"i": row.pk}).json()["rows"][0]
    assert shown["due"]["kind"] == "first"
    posting.post(row, author=Message.Author.AGENT, agent=bea, text="Bonjour")
    shown = beas.get("/console/desk/rows/", {"i": row.pk}).json()["rows"][0]
    assert shown["due"] is None


def test_from_the_desk_a_complaint_is_made_given_raised_and_closed_in_writing(beas, bea, carl, row):
    made = act(beas, row, "complain", owner=carl.pk).json()["row"]["complaint"]
    assert (made["level"], made["owner"]["name"]) == (1, "Carl")
    refused = act(beas, row, "close", outcome="solved", founded="yes")
    assert (refused.status_code, refused.json()["error"]) == (409, "not_answered")
    posting.post(row, author=Message.Author.AGENT, agent=bea, text="Nous avons vérifié.")
    refused = act(beas, row, "close", outcome="refused")
    assert (refused.status_code, refused.json()["error"]) == (409, "no_recourse")
    assert act(beas, row, "close", outcome="solved", founded="yes").status_code == 200
    assert Complaint.objects.get().founded is True
    raised = act(beas, row, "complain", level="1", owner=bea.pk)
    assert raised.json()["row"]["complaint"]["level"] == 2


def test_a_stranger_and_a_colleague_of_another_queue_change_nothing(
    mallory, row, mobile_queue, client
):
    other = factories.AgentFactory(
        user=factories.UserFactory(email="x@lumio.example", is_staff=True), queues=[mobile_queue]
    )
    client.force_login(mallory)
    for who in (client, signed_in(other.user, second_factor=True)):
        assert act(who, row, "complain").status_code in (302, 403, 404)
        answer = who.post(
            "/api/v1/complaints/turn/", {"interaction": row.pk}, content_type="application/json"
        )
        assert answer.status_code in (401, 403)
    assert not Complaint.objects.exists()


def test_complaints_over_rest(beas, bea, carl, row):
    answer = beas.post("/api/v1/complaints/turn/", {"interaction": row.pk}, "application/json")
    assert (answer.status_code, answer.json()["owner"]) == (201, bea.pk)
    url = f"/api/v1/complaints/{row.pk}/"
    assert (
        beas.post(f"{url}give/", {"owner": carl.pk}, "application/json").json()["owner"] == carl.pk
    )
    levels = [beas.post(f"{url}next_level/").status_code for _n in range(3)]
    assert levels == [200, 200, 409]
    assert [c["level"] for c in beas.get("/api/v1/complaints/").json()["results"]] == [3]


def test_the_rules_read_like_sentences_and_only_administrators_write_them(beas, row):
    root = factories.UserFactory(email="root@lumio.example", is_staff=True, is_superuser=True)
    roots = signed_in(root, second_factor=True)
    page = roots.get(reverse("admin:crm_target_changelist"), HTTP_ACCEPT_LANGUAGE="en")
    assert "2 working days" in page.content.decode()
    rule = {"name": "VIP", "priority": 5, "first_answer": "1 h"}
    assert roots.post("/api/v1/targets/", rule, "application/json").status_code == 201
    assert roots.post("/api/v1/targets/", {"name": "x", "solution": "soon"}).status_code in (
        400,
        415,
    )
    rule["name"] = "Mine"
    assert beas.post("/api/v1/targets/", rule, "application/json").status_code == 403
    assert not Target.objects.filter(name="Mine").exists()


def test_due_times_are_listed_and_only_of_what_one_may_see(beas, row, ada, sim):
    complaints.turn_into(interactions.open("mail", ada, subject=sim), by=None)
    seen = beas.get("/api/v1/due-times/", {"done_at__isnull": "true"}).json()["results"]
    assert {one["interaction"] for one in seen} == {row.pk}
    assert DueTime.objects.exclude(interaction=row.pk).exists()
    page = beas.get(reverse("admin:crm_interaction_changelist"), {"due": "today"})
    assert page.status_code == 200
