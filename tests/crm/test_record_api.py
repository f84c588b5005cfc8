"""Customers over REST: what the console does, the API does, for whoever may."""

import pytest

from crm.models import Customer, Merge, MergeSuggestion, Organisation, OwnField
from crm.services import customers
from tests import factories

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def double(db):
    return customers.identify("phone", "+33199001234", name="A. Lenoir")


def test_merging_reading_the_plan_and_undoing(mias, ada, double):
    asked = {"kept": ada.pk, "gone": double.pk, "choices": {"first_name": "gone"}}
    made = mias.post("/api/v1/merges/", asked, JSON)
    assert made.status_code == 201
    assert mias.post("/api/v1/merges/", asked, JSON).status_code in (404, 409)
    old = mias.get(f"/api/v1/customers/{double.pk}/")
    assert (old.status_code, old.url) == (302, f"/api/v1/customers/{ada.pk}/")
    later = factories.InteractionFactory(customer=ada)
    merge = f"/api/v1/merges/{made.json()['id']}"
    name = f"interactions.{later.pk}"
    plan = mias.get(f"{merge}/plan/").json()
    assert [(one["name"], one["side"]) for one in plan["later"]] == [(name, "kept")]
    undone = mias.post(f"{merge}/undo/", {"sides": {name: "gone"}}, JSON)
    assert undone.json()["undone_at"]
    assert mias.post(f"{merge}/undo/", {}, JSON).status_code == 409
    later.refresh_from_db()
    assert later.customer == double
    assert Customer.objects.get(pk=ada.pk).first_name == "Ada"


def test_an_agent_and_a_customer_merge_nobody(beas, client, mallory, ada, double):
    factories.InteractionFactory(customer=ada, queue=agent_queue())
    row = customers.suggest(ada, double, MergeSuggestion.Reason.SAME_NAME)
    client.force_login(mallory)
    for door in (beas, client):
        asked = {"kept": ada.pk, "gone": double.pk}
        assert door.post("/api/v1/merges/", asked, JSON).status_code == 403
        assert door.post(f"/api/v1/duplicates/{row.pk}/dismiss/").status_code == 403
    assert not Merge.objects.exists()
    assert customers.open_suggestions().exists()


def agent_queue():
    return factories.QueueFactory()


def test_duplicates_are_listed_and_set_aside(mias, ada, double):
    row = customers.suggest(ada, double, MergeSuggestion.Reason.SAME_PHONE)
    listed = mias.get("/api/v1/duplicates/").json()["results"]
    assert [one["reasons"] for one in listed] == [["same_phone"]]
    assert mias.post(f"/api/v1/duplicates/{row.pk}/dismiss/").status_code == 204
    assert mias.get("/api/v1/duplicates/").json()["results"] == []


def test_fields_own_fields_and_tags_are_written_and_checked(mias, ada):
    OwnField.objects.create(about="customer", key="lines", name_fr="Lignes", kind="number")
    address = f"/api/v1/customers/{ada.pk}/"
    refused = mias.patch(address, {"own": {"lines": "many"}}, JSON)
    assert refused.status_code == 400
    written = mias.patch(address, {"town": "Rennes", "own": {"lines": "3"}}, JSON).json()
    assert (written["town"], written["own"]) == ("Rennes", {"lines": 3})
    tagged = mias.post(f"{address}tags/", {"tags": ["Fibre", "fibre"]}, JSON).json()
    assert tagged == {"tags": ["Fibre"]}


def test_an_identity_of_somebody_else_is_refused_and_suggests_a_merge(mias, ada, double):
    address = f"/api/v1/customers/{ada.pk}/identities/"
    taken = mias.post(address, {"kind": "phone", "value": "01.99.00.12.34"}, JSON)
    assert taken.status_code == 409
    assert customers.open_suggestions(ada).get().reasons == ["same_phone"]
    assert mias.post(address, {"kind": "phone", "value": "12"}, JSON).status_code == 400
    made = mias.post(address, {"kind": "external", "value": "C-7"}, JSON)
    assert made.status_code == 201
    assert customers.find("external", "C-7") == ada


def test_organisations_are_made_and_corrected(mias, beas):
    made = mias.post("/api/v1/organisations/", {"name": "Bücher"}, JSON)
    assert made.status_code == 201
    assert beas.post("/api/v1/organisations/", {"name": "Mine"}, JSON).status_code == 403
    assert Organisation.objects.count() == 1


def test_an_agent_verifies_and_sets_own_fields_of_an_exchange(beas, bea, ada, box_queue):
    OwnField.objects.create(about="interaction", key="site", name_fr="Site", kind="text")
    row = factories.InteractionFactory(customer=ada, queue=box_queue, agent=bea, status="active")
    base = f"/api/v1/interactions/{row.pk}"
    assert beas.get(f"{base}/addresses/").json() == []  # Ada's address came with this exchange
    identity = ada.identities.get()
    refused = beas.post(f"{base}/send_code/", {"identity": identity.pk}, JSON)
    assert refused.status_code == 409
    assert beas.post(f"{base}/verify/", {"code": "123456"}, JSON).status_code == 409
    line = {"text": "Your bill", "client_id": "a", "personal": True}
    assert beas.post(f"{base}/messages/", line, JSON).status_code == 409
    assert not row.messages.exists()
    own = beas.post(f"{base}/own/", {"own": {"site": "Rennes"}}, JSON)
    assert own.json() == {"own": {"site": "Rennes"}}
