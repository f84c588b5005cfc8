"""The page of a company: its people, what is open, one line of time; and the same over REST."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.models import Customer, Identity, Interaction, Organisation
from crm.services import customers
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(ada):
    firm = Organisation.objects.create(name="Boulangerie Faure")
    firm.domains.create(name="faure.example")
    ada.organisation = firm
    ada.save()
    return firm


def url(firm):
    return reverse("admin:crm_organisation_change", args=[firm.pk])


def text(answer):
    return answer.content.decode()


def test_a_company_of_hundreds_costs_what_one_of_two_costs(enter, mia, ada, firm, box_queue):
    door = enter(mia)

    def grow(count):
        people = Customer.objects.bulk_create(
            Customer(first_name="Camille", last_name=f"Client{n}", organisation=firm)
            for n in range(count)
        )
        Identity.objects.bulk_create(
            Identity(customer=one, kind="mail", value=f"c{one.pk}@faure.example") for one in people
        )
        Interaction.objects.bulk_create(
            factories.InteractionFactory.build(customer=one, queue=box_queue) for one in people
        )

    def cost():
        door.get(url(firm))
        with CaptureQueriesContext(connection) as seen:
            shown = text(door.get(url(firm)))
        return len(seen), shown

    grow(2)
    customers.add_identity(ada, "mail", "ada@faure.example")  # after her own
    few, shown = cost()
    assert "ada@faure.example" in shown
    assert "ada@lenoir.example" not in shown
    assert "Client1" in shown
    grow(300)
    many, shown = cost()
    assert many == few
    assert f"?organisation__id__exact={firm.pk}" in shown  # the rest is a list
    rest = door.get(f"{reverse('admin:crm_customer_changelist')}?organisation__id__exact={firm.pk}")
    assert "Client1" in text(rest)


def test_an_agent_sees_of_a_company_what_she_sees_of_its_people(
    enter, bea, firm, ada, box_queue, mobile_queue
):
    hers = factories.InteractionFactory(customer=ada, queue=box_queue, title="Ma box")
    colleague = factories.CustomerFactory(last_name="Caché", organisation=firm)
    factories.InteractionFactory(customer=colleague, queue=mobile_queue, title="Ma carte SIM")
    shown = text(enter(bea.user).get(url(firm)))
    assert hers.title in shown
    assert "Lenoir" in shown
    assert "Caché" not in shown
    assert "Ma carte SIM" not in shown
    overview = enter(bea.user).get(f"/api/v1/organisations/{firm.pk}/overview/").json()
    assert overview == {"members": 1, "open": 1, "exchanges": {"chat": 1}}


def test_the_api_names_a_companys_domains_and_whoever_writes_from_there_joins(enter, mia):
    door = enter(mia)
    made = door.post(
        "/api/v1/organisations/",
        {"name": "Faure", "domains": ["@Faure.example", "boulangerie.example"]},
        "application/json",
    )
    assert made.json()["domains"] == ["boulangerie.example", "faure.example"]
    address = f"/api/v1/organisations/{made.json()['id']}/"
    kept = door.patch(address, {"domains": ["faure.example"]}, "application/json")
    assert kept.json()["domains"] == ["faure.example"]
    ugo = customers.identify("mail", "ugo@faure.example", name="Ugo Faure", verified_by="mail")
    assert ugo.organisation.name == "Faure"
    again = door.post(
        "/api/v1/organisations/", {"name": "X", "domains": ["faure.example"]}, "application/json"
    )
    everybodys = door.patch(address, {"domains": ["gmail.com"]}, "application/json")
    assert (again.status_code, everybodys.status_code) == (400, 400)
    assert Organisation.objects.count() == 1


def test_a_stranger_learns_of_no_company(client, mallory, firm):
    client.force_login(mallory)
    assert client.get(url(firm)).status_code in (302, 403)
    for address in (
        "/api/v1/organisations/",
        f"/api/v1/organisations/{firm.pk}/",
        f"/api/v1/organisations/{firm.pk}/overview/",
    ):
        assert client.get(address).status_code == 403
