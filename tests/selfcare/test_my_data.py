"""My data: the signed-in customer sees it, takes it along, objects, and asks for its erasure."""

import io
import json
import zipfile

import pytest
from django.urls import reverse

from crm.models import Consent, Customer, PrivacyRequest, Visit
from crm.services import privacy
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def door(client, ada_user):
    client.force_login(ada_user)
    return client


def test_ada_sees_and_takes_along_what_is_hers_and_nobody_elses(door, ada, mallory):
    factories.InteractionFactory(customer=ada, title="Ma box clignote")
    page = door.get("/fr/my-data/").content.decode()
    assert "ada@lenoir.example" in page
    assert "mallory" not in page
    copy = b"".join(door.post("/fr/my-data/copy/").streaming_content)
    data = json.loads(zipfile.ZipFile(io.BytesIO(copy)).read("data.json"))
    assert data["sections"]["record"][0]["last_name"] == "Lenoir"
    assert PrivacyRequest.objects.get(kind="access").state == "done"


def test_copies_are_limited(door):
    answers = []
    for _n in range(6):
        answer = door.post("/fr/my-data/copy/")
        answers.append(answer.status_code)
        b"".join(getattr(answer, "streaming_content", []))  # read to its end, it is closed
    assert answers == [200] * 5 + [302]


def test_one_click_objects_and_another_takes_it_back(door, ada):
    for purpose in Consent.Purpose:
        door.post(f"/fr/my-data/consents/{purpose}/")
        assert privacy.objects_to(ada, purpose)
        door.post(f"/fr/my-data/consents/{purpose}/")
        assert not privacy.objects_to(ada, purpose)
    assert door.post("/fr/my-data/consents/selling/").status_code == 404


def test_who_objects_to_being_remembered_has_no_visits_any_more(door, ada):
    door.get("/fr/search/?q=piles")
    assert ada.visits.count() == 1
    door.post("/fr/my-data/consents/memory/")
    assert ada.visits.count() == 0
    door.get("/fr/search/?q=piles")
    assert ada.visits.count() == 0
    assert Visit.objects.count() == 1, "counted, and nobody's"
    door.post("/fr/my-data/consents/memory/")
    door.get("/fr/search/?q=piles")
    assert ada.visits.count() == 1


def test_an_erasure_waits_for_a_colleague_who_begins_it(door, enter, ada, mia):
    door.post("/fr/my-data/erase/", {})
    assert not PrivacyRequest.objects.exists()
    for _twice in range(2):
        door.post("/fr/my-data/erase/", {"sure": "1"})
    row = PrivacyRequest.objects.get()
    assert (row.state, row.kind) == ("open", "erase")
    assert row.due_at > row.received_at
    assert not privacy.erase_due()  # nothing goes by itself
    assert Customer.objects.filter(pk=ada.pk).exists()
    manager = enter(mia)
    manager.post(reverse("admin:privacy_answer", args=[row.pk]))  # it cannot be talked away
    manager.post(
        reverse("admin:privacy_ask", args=[ada.pk]), {"kind": "delete", "sure": str(ada.pk)}
    )
    while privacy.erase_due():
        pass
    row.refresh_from_db()
    assert (row.state, row.kind, row.taken_by) == ("done", "delete", mia)  # as Mia chose
    assert not Customer.objects.filter(pk=ada.pk).exists()


def test_a_refusal_names_its_reason_and_she_may_ask_again(door, enter, ada, mia):
    door.post("/fr/my-data/erase/", {"sure": "1"})
    row = PrivacyRequest.objects.get()
    page = reverse("admin:privacy_customer", args=[ada.pk])
    assert 'name="reason"' in enter(mia).get(page).content.decode()
    refused = enter(mia).post(
        reverse("admin:privacy_answer", args=[row.pk]), {"reason": "Facture en litige."}
    )
    assert refused.url == page
    row.refresh_from_db()
    assert (row.state, row.reason) == ("refused", "Facture en litige.")
    shown = door.get("/fr/my-data/").content.decode()
    assert "Facture en litige." in shown
    assert 'name="sure"' in shown


def test_strangers_ask_for_nothing(client):
    for path in ("", "copy/", "consents/survey/", "erase/"):
        answer = client.post(f"/fr/my-data/{path}") if path else client.get("/fr/my-data/")
        assert (answer.status_code, "login" in answer.url) == (302, True)
    assert not PrivacyRequest.objects.exists()


def test_ada_corrects_her_own_record_and_nobody_elses(door, ada, mallory):
    ada.time_zone = "Asia/Tokyo"
    ada.save()
    given = {"civility": "mme", "first_name": "Ada", "last_name": "Byron", "town": "Rennes"}
    given |= {"language": "en", "time_zone": "Indian/Reunion"}
    assert "Tokyo" in door.get("/fr/my-data/").content.decode()
    assert door.post("/fr/my-data/correct/", given | {"last_name": " "}).status_code == 422
    assert door.post("/fr/my-data/correct/", given | {"time_zone": "Mars/1"}).status_code == 422
    assert door.post("/fr/my-data/correct/", given | {"id": mallory.pk}).status_code == 302
    ada.refresh_from_db()
    assert (ada.full_name, ada.town, ada.language) == ("Ada Byron", "Rennes", "en")
    assert Customer.objects.get(user=mallory).full_name == "Mallory Noir"
