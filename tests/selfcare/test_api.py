"""Self-care over REST: what the console's pages do, machines do through the same services."""

import pytest

from crm.models import Interaction, Visit, VisitStep
from crm.services import interactions
from selfcare.models import Article, Callback, Lesson
from selfcare.services import callbacks, slots
from tests.selfcare.conftest import ADA_PHONE, paris
from tests.selfcare.helpdesk import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("staffed")]
JSON = "application/json"


@pytest.fixture
def call(ada, remote, monday, outbox):
    return callbacks.request(ada, phone=ADA_PHONE, subject=remote, slot=paris("2026-11-23T15:00"))


def post(client, path, **data):
    return client.post(f"/api/v1/{path}", data, content_type=JSON)


def test_a_call_is_moved_made_and_refused_over_rest(enter, bea, carl, call):
    client, path = enter(bea.user), f"callbacks/{call.pk}"
    free = client.get("/api/v1/callbacks/slots/?subject=telecommande").json()
    assert "subject" in free  # unknown: a sentence, not an error
    subject = call.interaction.subject.slug
    free = client.get(f"/api/v1/callbacks/slots/?subject={subject}").json()
    assert free[0]["places"] == slots.DEFAULT_PLACES
    assert client.get(f"/api/v1/callbacks/slots/?subject={subject}&zone=Mars/1").status_code == 400
    moved = post(client, f"{path}/move/", slot=paris("2026-11-23T11:00").isoformat())
    assert moved.json()["slot_start"].startswith("2026-11-23T11:00")
    assert (
        post(client, f"{path}/move/", slot=paris("2026-11-22T03:00").isoformat()).status_code == 409
    )
    assert post(client, f"{path}/calling/").status_code == 409
    Interaction.objects.filter(pk=call.pk).update(status="waiting", wake_at=None)
    interactions.assign(Interaction.objects.get(pk=call.pk), bea)
    assert post(enter(carl.user), f"{path}/calling/").status_code == 409
    assert post(client, f"{path}/hung-up/", outcome="reached").status_code == 409
    assert post(client, f"{path}/calling/").status_code == 200
    assert post(client, f"{path}/hung-up/", outcome="mood").status_code == 400
    told = post(client, f"{path}/hung-up/", outcome="reached").json()
    assert (told["attempts_made"], told["number_confirmed"]) == (1, True)


def test_a_call_is_cancelled_over_rest_by_who_may_see_it(enter, bea, mallory, call):
    stranger = enter(mallory)
    assert post(stranger, f"callbacks/{call.pk}/cancel/").status_code in (401, 403)
    assert Callback.objects.get().interaction.status == "pending"
    assert post(enter(bea.user), f"callbacks/{call.pk}/cancel/").json()["status"] == "closed"


def test_self_service_says_its_two_lines(enter, mia, bea):
    visit = Visit.objects.create(key="v1")
    VisitStep.objects.create(visit=visit, kind=VisitStep.Kind.SEARCH, label="puk", value=1)
    found = enter(mia).get("/api/v1/self-service/").json()
    assert (found["all"]["visits"], found["all"]["share"]) == (1, 1.0)
    assert len(found["days"]) == 28
    for wrong in ("first=2026-11-03&last=2026-11-01", "first=2020-01-01", "last=x"):
        assert enter(mia).get(f"/api/v1/self-service/?{wrong}").status_code == 400
    assert enter(bea.user).get("/api/v1/self-service/").status_code == 403


def test_editors_work_their_searches_over_rest(enter, mia, bea):
    visit = Visit.objects.create(key="v1", language="fr")
    VisitStep.objects.create(visit=visit, kind=VisitStep.Kind.SEARCH, label="eSIM montre", value=0)
    client = enter(mia)
    (group,) = client.get("/api/v1/failed-searches/").json()
    assert (group["text"], group["visits"], group["asked"]) == ("esim montre", 1, 0)
    made = post(client, "failed-searches/write/", language="fr", text="eSIM montre")
    assert Article.objects.get(pk=made.json()["article"]).versions.get().title == "ESIM montre"
    assert post(enter(bea.user), "failed-searches/done/", **group).status_code == 403
    assert post(client, "failed-searches/done/", **group).status_code == 204
    assert client.get("/api/v1/failed-searches/").json() == []


def test_what_the_search_learned_is_taken_out_over_rest(enter, mia):
    text = write("Mon téléphone demande un code PUK", "<p>Code</p>")
    lesson = Lesson.objects.create(translation=text, words="carte bloquée", proof_count=3)
    client = enter(mia)
    assert client.get("/api/v1/learned-questions/").json()["results"][0]["proof_count"] == 3
    assert client.delete(f"/api/v1/learned-questions/{lesson.pk}/").status_code == 204
    lesson.refresh_from_db()
    assert lesson.is_removed
