"""The page of one customer, the merge and its undoing as colleagues do it, and own fields."""

from copy import copy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm import clock
from crm.models import (
    Customer,
    Interaction,
    Merge,
    MergeSuggestion,
    Organisation,
    OwnField,
    Visit,
    VisitStep,
)
from crm.services import customers, interactions, own_fields, posting
from tests import factories
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan_field(db):
    return OwnField.objects.create(
        about="customer", key="plan", name_fr="Offre", kind="choice", choices=["Fibre", "Mobile"]
    )


def url(customer):
    return reverse("admin:crm_customer_change", args=[customer.pk])


def text(answer):
    return answer.content.decode()


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_a_page_of_ten_thousand_entries_costs_what_one_of_ten_costs(mias, ada):
    queue = factories.QueueFactory()

    def grow(count):
        one = factories.InteractionFactory.build(customer=ada, queue=queue)
        Interaction.objects.bulk_create(copy(one) for _n in range(count))
        visits = Visit.objects.bulk_create(
            Visit(customer=ada, key=f"{Visit.objects.count()}-{n}") for n in range(count)
        )
        VisitStep.objects.bulk_create(
            VisitStep(visit=visit, kind="search", label="box") for visit in visits
        )

    grow(5)
    few = queries(mias, url(ada))
    grow(4995)
    assert queries(mias, url(ada)) == few
    assert queries(mias, f"{url(ada)}?only=visit") <= few


def test_the_line_is_filtered_and_an_exchange_unfolds(mias, ada, bea):
    chat = factories.InteractionFactory(customer=ada, channel="chat", title="La box clignote")
    mail = factories.InteractionFactory(customer=ada, channel="mail", title="Ma facture")
    posting.post(chat, author="customer", text="Elle clignote <b>rouge</b>")
    interactions.close(chat, by=bea, outcome="solved")  # open work stands on the page anyway
    shown = text(mias.get(f"{url(ada)}?only=mail"))
    assert "Ma facture" in shown
    assert "La box clignote" not in shown
    unfolded = text(mias.get(reverse("admin:crm_customer_said", args=[ada.pk, chat.pk])))
    assert "Elle clignote &lt;b&gt;rouge" in unfolded
    other = factories.CustomerFactory()
    nowhere = reverse("admin:crm_customer_said", args=[other.pk, mail.pk])
    assert mias.get(nowhere).status_code == 404


def test_an_agent_reads_no_exchange_of_a_queue_that_is_not_theirs(
    beas, ada, box_queue, mobile_queue
):
    mine = factories.InteractionFactory(customer=ada, queue=box_queue, title="Ma box")
    hidden = factories.InteractionFactory(customer=ada, queue=mobile_queue, title="Ma carte SIM")
    shown = text(beas.get(url(ada)))
    assert mine.title in shown
    assert hidden.title not in shown
    assert beas.get(reverse("admin:crm_customer_said", args=[ada.pk, hidden.pk])).status_code == 404


def test_tags_are_words_with_one_spelling(mias, beas, ada, mia):
    mia.user_permissions.add(permission("change_customer"))
    address = reverse("admin:crm_customer_tags", args=[ada.pk])
    mias.post(address, {"tags": "Fidèle, fibre ,FIDELE,,"})
    assert sorted(tag.name for tag in ada.tags.all()) == ["Fidèle", "fibre"]
    mias.post(address, {"tags": "Fibre"})
    assert [tag.name for tag in ada.tags.all()] == ["fibre"]
    assert beas.post(address, {"tags": "Hers"}).status_code == 404  # not of her queues
    assert ada.tags.count() == 1


def permission(code):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=code)


def test_duplicates_are_compared_merged_and_undone(mias, ada):
    double = customers.identify("phone", "+33199001234", name="A. Lenoir")
    customers.suggest(ada, double, MergeSuggestion.Reason.SAME_NAME)
    assert "A. Lenoir" in text(mias.get(reverse("admin:duplicates")))
    assert "A. Lenoir" in text(mias.get(url(ada)))
    address = reverse("admin:customer_merge", args=[ada.pk])
    assert "A. Lenoir" in text(mias.get(f"{address}?q=lenoir"))
    assert "field.first_name" in text(mias.get(f"{address}?with={double.pk}"))
    mias.post(address, {"with": double.pk, "field.first_name": "gone"})
    assert Customer.objects.get(pk=ada.pk).first_name == "A."
    assert mias.get(url(double)).url == url(ada)  # the old address leads to the new one
    merge = Merge.objects.get()
    undo = reverse("admin:merge_undo", args=[merge.pk])
    later = factories.InteractionFactory(customer=ada)
    assert later.reference in text(mias.get(undo))
    mias.post(undo, {f"side.interactions.{later.pk}": "gone"})
    assert list(double.interactions.all()) == [later]
    assert mias.get(url(double)).status_code == 200


def test_an_agent_merges_nobody_and_a_stranger_sees_nothing(beas, ada, mallory, client):
    other = mallory.customer
    row = customers.suggest(ada, other, MergeSuggestion.Reason.SAME_NAME)
    address = reverse("admin:customer_merge", args=[ada.pk])
    client.force_login(mallory)
    for door in (beas, client):
        for page in (address, reverse("admin:duplicates")):
            assert door.get(page).status_code in (302, 403)
        assert door.post(address, {"with": other.pk}).status_code in (302, 403)
        dismiss = reverse("admin:duplicates_dismiss", args=[row.pk])
        assert door.post(dismiss).status_code in (302, 403)
    assert not Merge.objects.exists()
    assert customers.open_suggestions().exists()


def test_two_people_are_set_aside(mias, ada, mallory):
    row = customers.suggest(ada, mallory.customer, MergeSuggestion.Reason.SAME_NAME)
    mias.post(reverse("admin:duplicates_dismiss", args=[row.pk]))
    assert not customers.open_suggestions().exists()


def test_an_administrators_field_is_filled_in_the_form_shown_and_found(plan_field, ada):
    root = factories.UserFactory(email="root@lumio.example", is_staff=True, is_superuser=True)
    door = signed_in(root, second_factor=True)
    form = {
        "first_name": "Ada", "last_name": "Lenoir", "language": "fr", "civility": "mme",
        "time_zone": "Europe/Paris", "own_plan": "Fibre",
        "identities-TOTAL_FORMS": 0, "identities-INITIAL_FORMS": 0,
    }  # fmt: skip
    assert 'name="own_plan"' in text(door.get(f"{url(ada)}?edit=1"))
    assert door.post(f"{url(ada)}?edit=1", form).status_code == 302
    ada.refresh_from_db()
    assert ada.own == {"plan": "Fibre"}
    assert "Fibre" in text(door.get(url(ada)))
    found = text(door.get(reverse("admin:crm_customer_changelist") + "?q=fibre"))
    assert "Ada" in found
    assert door.post(f"{url(ada)}?edit=1", form | {"own_plan": "Satellite"}).status_code == 200
    ada.refresh_from_db()
    assert ada.own == {"plan": "Fibre"}


@pytest.mark.parametrize(
    ("kind", "raw", "stored"),
    [
        ("text", "  LU-1 ", "LU-1"),
        ("number", "1 234,50", 1234.5),
        ("number", "12", 12),
        ("date", "22/11/2026", "2026-11-22"),
        ("date", "2026-11-22", "2026-11-22"),
        ("boolean", "Oui", True),
        ("boolean", False, False),
        ("choice", "fibre", "Fibre"),
        ("text", "", None),
    ],
)
def test_a_value_is_what_its_kind_says(kind, raw, stored):
    field = OwnField(key="x", kind=kind, choices=["Fibre", "Mobile"])
    assert own_fields.parse(field, raw) == stored


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("number", "twelve"),
        ("number", "inf"),
        ("number", True),
        ("date", "31/02/2026"),
        ("boolean", "perhaps"),
        ("choice", "Satellite"),
        ("text", "x" * 501),
        ("text", ["a"]),
    ],
)
def test_what_is_not_of_the_kind_is_refused_with_its_reason(kind, raw):
    field = OwnField(key="x", kind=kind, choices=["Fibre", "Mobile"])
    with pytest.raises(ValueError, match="."):
        own_fields.parse(field, raw)


def test_own_fields_are_typed_for_reports_and_found_by_value_on_everything(ada):
    seats = OwnField.objects.create(
        about="organisation", key="seats", name_fr="Postes", kind="number"
    )
    since = OwnField.objects.create(about="interaction", key="since", name_fr="Depuis", kind="date")
    firm = Organisation.objects.create(name="Bücher")
    own_fields.assign(firm, {"seats": "1 200"})
    firm.save()
    exchange = factories.InteractionFactory(customer=ada)
    own_fields.assign(exchange, {"since": "01/10/2026"})
    exchange.save()
    big = Organisation.objects.annotate(n=own_fields.typed(seats)).filter(n__gt=1000)
    assert list(big) == [firm]
    assert list(Organisation.objects.filter(own_fields.found_by("organisation", "1200"))) == [firm]
    assert list(Interaction.objects.filter(own_fields.holds(since, "1.10.2026"))) == [exchange]
    early = Interaction.objects.annotate(d=own_fields.typed(since)).filter(d__lt="2026-11-01")
    assert list(early) == [exchange]
    with pytest.raises(own_fields.BadOwnFields) as refused:
        own_fields.assign(firm, {"seats": "many", "unknown": 1})
    assert set(refused.value.errors) == {"seats", "unknown"}
    assert firm.own == {"seats": 1200}


def test_an_address_is_added_and_taken_off_and_a_proven_one_only_by_leads(beas, mias, ada, bea):
    factories.InteractionFactory(customer=ada, queue=bea.queues.first())
    add = reverse("admin:identity_add", args=[ada.pk])
    beas.post(add, {"kind": "phone", "value": "06.12.34.56.78"})
    number = ada.identities.get(kind="phone")
    assert (number.value, number.source, number.verified_at) == ("+33612345678", "staff", None)
    for kind, value in [("phone", "12"), ("visitor", "x"), ("mail", "a\x00@b.example")]:
        beas.post(add, {"kind": kind, "value": value})
    proven = ada.identities.get(kind="mail")
    proven.verified_at = clock.now()
    proven.save()
    off = "admin:identity_remove"
    assert beas.post(reverse(off, args=[proven.pk])).status_code == 404
    assert beas.delete(f"/api/v1/identities/{proven.pk}/").status_code == 404
    assert beas.delete(f"/api/v1/identities/{number.pk}/").status_code == 204
    assert list(ada.identities.all()) == [proven]
    assert mias.post(reverse(off, args=[proven.pk])).status_code == 302
    assert not ada.identities.exists()


def test_somebody_elses_address_is_not_taken_but_suggested(beas, ada, bea, mallory):
    factories.InteractionFactory(customer=ada, queue=bea.queues.first())
    theirs = mallory.customer.identities.get(kind="mail")
    add = reverse("admin:identity_add", args=[ada.pk])
    beas.post(add, {"kind": "mail", "value": theirs.value.upper()})
    theirs.refresh_from_db()
    assert theirs.customer == mallory.customer
    assert customers.open_suggestions(ada).count() == 1
    # and of whom she may not see she takes nothing off
    assert beas.post(reverse("admin:identity_remove", args=[theirs.pk])).status_code == 404
