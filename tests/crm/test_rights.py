"""Who sees which customer: by the queues, by the team, by an exact identity; at every door."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from crm import clock
from crm.models import CustomerGrant, Interaction, Note, Visit
from crm.services import rights, roles
from tests import factories
from tests.people import _staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def zoe(mobile_queue):
    """A customer of the mobile queue, in which Bea does not stand."""
    zoe = factories.CustomerFactory(first_name="Zoé", last_name="Blanc")
    factories.IdentityFactory(customer=zoe, value="zoe@blanc.example")
    factories.IdentityFactory(customer=zoe, kind="phone", value="+33199001122")
    visit = Visit.objects.create(key="zoe", customer=zoe)
    factories.InteractionFactory(customer=zoe, queue=mobile_queue, visit=visit, title="Roaming")
    return zoe


@pytest.fixture
def hers(ada, box_queue):
    """Ada wrote to the box queue."""
    factories.InteractionFactory(customer=ada, queue=box_queue)
    return ada


def test_an_agent_sees_the_customers_of_her_queues_only(bea, hers, zoe):
    assert list(rights.customers_for(bea.user)) == [hers]
    assert {i.customer for i in rights.identities_for(bea.user)} == {hers}
    assert not rights.visits_for(bea.user).exists()


def test_the_stranger_sees_herself_and_nothing_else(mallory, hers, zoe):
    assert [c.user for c in rights.customers_for(mallory)] == [mallory]
    assert not rights.identities_for(mallory).exclude(customer__user=mallory).exists()
    assert not rights.visits_for(mallory).exists()
    Note.objects.create(customer=mallory.customer, author=mallory, text="about her")


def test_manager_and_auditor_see_the_whole_house_and_an_inactive_one_nothing(mia, hers, zoe):
    auditor = _staff("Paul", "Audit", "paul@lumio.example", roles.AUDITOR)
    for user in (mia, auditor):
        assert set(rights.customers_for(user)) == {hers, zoe}
    mia.is_active = False
    assert not rights.customers_for(mia).exists()


def test_a_team_lead_sees_the_queues_of_her_team(bea, zoe, mobile_queue):
    lead = _staff("Lea", "Roux", "lea@lumio.example", roles.LEAD)
    factories.AgentFactory(user=lead, team=bea.team, queues=[])
    assert not rights.customers_for(lead).exists()
    factories.AgentFactory(team=bea.team, queues=[mobile_queue])
    assert list(rights.customers_for(lead)) == [zoe]
    other = _staff("Ugo", "Faure", "ugo@lumio.example", roles.LEAD)
    factories.AgentFactory(user=other, team=factories.TeamFactory(name="Toulouse"), queues=[])
    assert not rights.customers_for(other).exists()


def test_console_lists_pages_and_palette_keep_to_the_rule(beas, hers, zoe):
    listed = beas.get(reverse("admin:crm_customer_changelist")).content.decode()
    assert "Lenoir" in listed
    assert "Blanc" not in listed
    page = reverse("admin:crm_customer_change", args=[zoe.pk])
    assert beas.get(page).status_code == 302  # Django's way of saying: no such record
    assert beas.get(page + "?edit=1").status_code == 302
    note = reverse("admin:crm_customer_note", args=[zoe.pk])
    assert beas.post(note, {"text": "x"}).status_code == 404
    assert "Blanc" not in beas.get("/console/search/?s=blanc").content.decode()
    assert not Note.objects.exists()


def test_the_api_keeps_to_the_rule(beas, hers, zoe):
    for path in ("customers", "identities", "visits"):
        found = str(beas.get(f"/api/v1/{path}/").json())
        assert "zoe@blanc.example" not in found
        assert "Blanc" not in found
    assert beas.get(f"/api/v1/customers/{zoe.pk}/").status_code == 404
    assert (
        beas.get("/api/v1/customers/?identities__value=zoe@blanc.example").json()["results"] == []
    )
    asked = {"customer": zoe.pk, "subject": "x", "phone": "0199001122"}
    assert beas.post("/api/v1/callbacks/", asked, "application/json").status_code in (400, 403)
    assert not Interaction.objects.filter(channel="callback").exists()


def test_the_customers_page_says_nothing_of_what_was_said_in_other_queues(
    beas, bea, ada, box_queue, mobile_queue
):
    factories.InteractionFactory(customer=ada, queue=box_queue, title="Box en panne")
    factories.InteractionFactory(customer=ada, queue=mobile_queue, title="Affaire secrète")
    shown = beas.get(reverse("admin:crm_customer_change", args=[ada.pk])).content.decode()
    assert "Box en panne" in shown
    assert "secrète" not in shown


@pytest.mark.parametrize("typed", ["zoe@blanc.example", "01.99.00.11.22"])
def test_a_whole_identity_opens_the_record_for_a_shift(beas, bea, zoe, typed):
    url = "/api/v1/customers/find/"
    for part in ("zoe@blanc", "Blanc", "+331990011"):
        assert beas.post(url, {"identity": part}, "application/json").status_code == 404
    assert not CustomerGrant.objects.exists()
    found = beas.post(url, {"identity": typed}, "application/json")
    assert found.json() == {"customer": zoe.pk}
    assert beas.get(f"/api/v1/customers/{zoe.pk}/").status_code == 200
    # the record, not what was said in others' queues
    assert beas.get("/api/v1/interactions/").json()["results"] == []
    CustomerGrant.objects.update(until=clock.wall() - timedelta(seconds=1))
    assert beas.get(f"/api/v1/customers/{zoe.pk}/").status_code == 404


def test_the_roles_are_there_once_the_tables_are():
    """Nobody could be invited otherwise: an installation of one's own has no demo to make them."""
    assert set(Group.objects.values_list("name", flat=True)) >= set(roles.ROLES)
    administrators = Group.objects.get(name=roles.ADMINISTRATOR)
    assert administrators.permissions.count() == Permission.objects.count()


def test_a_shipped_role_is_kept_as_it_is_shipped_and_an_own_one_is_ones_own(
    django_assert_max_num_queries,
):
    agents = Group.objects.get(name=roles.AGENT)
    own = Group.objects.create(name="back office")
    taken, given = agents.permissions.first(), Permission.objects.get(codename="delete_customer")
    agents.permissions.remove(taken)
    agents.permissions.add(given)
    own.permissions.add(given)
    roles.ensure()
    assert taken in agents.permissions.all()
    assert given not in agents.permissions.all()
    assert list(own.permissions.all()) == [given]
    with django_assert_max_num_queries(5):
        roles.ensure()


def test_the_console_changes_own_roles_and_shows_the_shipped_ones(root):
    shipped, own = Group.objects.get(name=roles.AGENT), Group.objects.create(name="back office")
    page = reverse("admin:auth_group_change", args=[shipped.pk])
    assert root.get(page).status_code == 200
    assert root.post(page, {"name": "gone"}).status_code == 403
    page = reverse("admin:auth_group_change", args=[own.pk])
    assert root.post(page, {"name": "front office"}).status_code == 302
    assert set(Group.objects.values_list("name", flat=True)) == {*roles.ROLES, "front office"}
