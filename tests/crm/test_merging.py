"""Two records of one person become one, and two again, with nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey
from django.utils.translation import override

from crm import clock, registry
from crm.models import (
    Consent,
    Customer,
    Identity,
    Interaction,
    Merge,
    MergeSuggestion,
    Note,
    OwnField,
    Tag,
)
from crm.services import customers, interactions, journeys, own_fields, privacy
from tests import factories


@pytest.fixture
def double(db):
    """Ada once more, as somebody who only ever called."""
    other = customers.identify("phone", "+33199001234", name="A. Lenoir", source="callback")
    other.town = "Rennes"
    other.save()
    return other


def everything(customer):
    """All rows that hang on a record, by table."""
    return {
        one.name: set(
            one.model._base_manager.filter(**{one.field: customer}).values_list("pk", flat=True)
        )
        for one in registry.belongings()
    }


def test_every_table_that_names_a_customer_is_moved_or_says_why_not():
    left_out = {"crm.MergeSuggestion", "crm.Merge", "crm.Customer"}
    known = {one.model._meta.label for one in registry.belongings()}
    naming = {
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is Customer
    }
    assert naming - left_out == known


def test_everything_of_one_becomes_the_others(ada, double, bea):
    exchange = factories.InteractionFactory(customer=double)
    visit = journeys.visit("her-phone")
    customers.attach_visit(visit, double)
    Note.objects.create(customer=double, author=bea.user, text="Rings in the evening.")
    both, hers = Tag.objects.create(name="Fibre"), Tag.objects.create(name="Vip")
    ada.tags.add(both)
    double.tags.add(both, hers)
    before = everything(double)

    customers.merge(ada, double, by=bea.user)

    ada.refresh_from_db()
    assert customers.find("phone", "01.99.00.12.34") == ada
    assert set(ada.interactions.all()) == {exchange}
    assert ada.visits.get() == visit
    assert ada.notes.get().text == "Rings in the evening."
    assert {str(tag) for tag in ada.tags.all()} == {"Fibre", "Vip"}
    assert (ada.first_name, ada.town) == ("Ada", "Rennes")  # hers stays, the gap is filled
    assert sum(map(len, before.values())) == 1 + 1 + 1 + 1 + 2  # and nothing else hung on it


def test_the_old_record_is_in_no_list_and_leads_to_the_new_one(ada, double, mia):
    customers.merge(ada, double, by=mia)
    assert list(Customer.objects.all()) == [ada]
    gone = Customer.all_rows.get(pk=double.pk)
    assert customers.current(gone) == ada
    later = customers.identify("mail", "third@record.example")
    customers.merge(later, ada, by=mia)
    assert customers.current(gone) == later


def test_each_field_is_chosen(ada, double, mia):
    field = OwnField.objects.create(key="plan", name_fr="Offre", kind="text")
    own_fields.assign(ada, {"plan": "Fibre 1"}, [field])
    own_fields.assign(double, {"plan": "Fibre 2"}, [field])
    ada.save()
    double.save()
    customers.merge(ada, double, by=mia, choices={"first_name": "gone", "own.plan": "gone"})
    ada.refresh_from_db()
    assert ada.first_name == "A."
    assert ada.last_name == "Lenoir"
    assert ada.own == {"plan": "Fibre 2"}
    assert list(Customer.objects.filter(own_fields.found_by("customer", "FIBRE 2"))) == [ada]


def test_a_choice_of_what_is_no_field_is_refused_and_nothing_happened(ada, double, mia):
    for choices in [{"id": "gone"}, {"first_name": "mine"}]:
        with pytest.raises(customers.BadChoice):
            customers.merge(ada, double, by=mia, choices=choices)
    assert customers.find("phone", "+33199001234") == double
    assert not Merge.objects.exists()


@pytest.mark.parametrize("who_said_no", ["ada", "double"])
def test_a_no_of_either_counts_for_both_even_if_the_other_said_yes_later(
    ada, double, mia, who_said_no
):
    said_no, said_yes = (ada, double) if who_said_no == "ada" else (double, ada)
    at = clock.now() - timedelta(days=1)
    Consent.objects.create(customer=said_no, purpose="survey", granted=False, at=at)
    Consent.objects.create(
        customer=said_yes, purpose="survey", granted=True, at=at + timedelta(seconds=1)
    )
    merge = customers.merge(ada, double, by=mia)
    assert not ada.consents.filter(purpose="survey").first().granted
    customers.undo(merge, by=mia)
    assert said_yes.consents.get().granted
    assert not said_no.consents.get().granted


def test_a_record_cannot_be_merged_twice_or_with_itself(ada, double, mallory, mia):
    customers.merge(ada, double, by=mia)
    gone = Customer.all_rows.get(pk=double.pk)
    for kept, other in [(ada, ada), (ada, gone), (gone, ada), (gone, mallory.customer)]:
        with pytest.raises(customers.NotMergeable):
            customers.merge(kept, other, by=mia)
    assert Merge.objects.count() == 1


def test_whoever_is_erased_or_being_erased_is_merged_with_nobody(ada, double, mia):
    stone = Customer.objects.create(erased_at=clock.now())
    with pytest.raises(customers.NotMergeable):
        customers.merge(ada, stone, by=mia)
    merge = customers.merge(ada, double, by=mia)
    other = customers.identify("mail", "other@example.test")
    privacy.open_request(ada, "erase", by=mia)
    for kept, gone in [(ada, other), (other, ada)]:
        with pytest.raises(customers.NotMergeable):
            customers.merge(kept, gone, by=mia)
    with pytest.raises(customers.NotUndoable):
        customers.undo(merge, by=mia)
    while privacy.erase_due():
        pass
    assert not Merge.objects.exists()  # nothing to undo any more
    assert not Customer.all_rows.filter(pk__in=[ada.pk, double.pk]).exists()


def test_an_erasure_asked_for_before_the_merge_erases_the_whole_record(ada, double, mia):
    privacy.ask(double, "erase")
    customers.merge(ada, double, by=mia)
    privacy.open_request(ada, "erase", by=mia)
    while privacy.erase_due():
        pass
    assert not Identity.objects.exists()
    assert not Customer.all_rows.filter(pk=ada.pk).exists()


def test_two_who_both_asked_for_erasure_are_not_merged(ada, double, mia):
    privacy.ask(ada, "erase")
    privacy.ask(double, "erase")
    with pytest.raises(customers.NotMergeable):
        customers.merge(ada, double, by=mia)
    assert Customer.objects.count() == 2


def test_undoing_restores_both_to_the_last_row(ada, double, bea, mia):
    for person in (ada, double):
        factories.InteractionFactory(customer=person)
        Note.objects.create(customer=person, author=bea.user, text="A note.")
        person.tags.add(Tag.objects.get_or_create(name="Fibre", key="fibre")[0])
    double.user = factories.UserFactory(email="second@account.example")
    double.save()
    was = {person.pk: everything(person) for person in (ada, double)}
    fields = {row["id"]: row for row in Customer.all_rows.values().order_by("pk")}
    merge = customers.merge(ada, double, by=mia, choices={"first_name": "gone"})
    assert Customer.objects.get(pk=ada.pk).user == double.user

    customers.undo(merge, by=mia)

    assert {person.pk: everything(person) for person in (ada, double)} == was
    assert {row["id"]: row for row in Customer.all_rows.values().order_by("pk")} == fields
    assert not customers.open_suggestions(ada).exists()  # looked at: two people
    with pytest.raises(customers.NotUndoable):
        customers.undo(merge, by=mia)


def test_what_happened_since_goes_where_it_came_from(ada, double, mia):
    merge = customers.merge(ada, double, by=mia)
    visit = journeys.visit("phone-browser")
    customers.attach_visit(visit, ada)
    Identity.objects.create(customer=ada, kind="visitor", value="phone-browser")
    merge.moved["identities"].append(Identity.objects.get(value="phone-browser").pk)
    merge.save()
    hers = interactions.open("chat", ada, visit=visit)
    unknown = interactions.open("chat", ada)

    with override("en"):
        plan = customers.plan(merge)
    assert [(one.row, one.side) for one in plan.later] == [(hers, "gone"), (unknown, "kept")]
    assert "browser" in plan.later[0].why

    customers.undo(merge, by=mia)
    hers.refresh_from_db()
    visit.refresh_from_db()
    assert (hers.customer, visit.customer) == (double, double)
    assert hers.participants.get().customer == double
    assert Interaction.objects.get(pk=unknown.pk).customer == ada


def test_people_may_decide_otherwise_for_each_exchange(ada, double, mia):
    merge = customers.merge(ada, double, by=mia)
    one = interactions.open("chat", ada)
    elder = factories.InteractionFactory(customer=ada, opened_at=merge.at - timedelta(days=1))
    with pytest.raises(customers.NotUndoable):
        customers.undo(merge, by=mia, sides={f"interactions.{elder.pk}": "gone"})
    customers.undo(merge, by=mia, sides={f"interactions.{one.pk}": "gone"})
    one.refresh_from_db()
    assert one.customer == double


def test_later_notes_and_visits_are_proposed_and_people_may_decide_otherwise(ada, double, bea, mia):
    Note.objects.create(customer=double, author=bea.user, text="From before.")
    Identity.objects.create(customer=double, kind="visitor", value="her-browser")
    merge = customers.merge(ada, double, by=mia)
    note = Note.objects.create(customer=ada, author=bea.user, text="Has moved to Rennes.")
    hers, somebodys = journeys.visit("her-browser"), journeys.visit("a-browser")
    led_to_a_chat = journeys.visit("chatting-browser")
    for visit in (hers, somebodys, led_to_a_chat):
        customers.attach_visit(visit, ada)
    chat = interactions.open("chat", ada, visit=led_to_a_chat)

    with override("en"):
        plan = customers.plan(merge)
    assert {one.name: one.side for one in plan.later} == {
        f"interactions.{chat.pk}": "kept",
        f"visits.{hers.pk}": "gone",
        f"visits.{somebodys.pk}": "kept",
        f"notes.{note.pk}": "kept",
    }
    assert "Has moved to Rennes." in next(one.what for one in plan.later if one.row == note)
    assert plan.stays == []  # nothing is decided without being said

    sides = {f"notes.{note.pk}": "gone", f"interactions.{chat.pk}": "gone"}
    customers.undo(merge, by=mia, sides=sides)
    assert {str(one) for one in double.notes.all()} == {"From before.", "Has moved to Rennes."}
    assert set(double.visits.all()) == {hers, led_to_a_chat}
    assert set(ada.visits.all()) == {somebodys}
    assert not ada.notes.exists()


def test_a_field_changed_since_the_merge_stays_changed(ada, double, mia):
    merge = customers.merge(ada, double, by=mia, choices={"first_name": "gone", "town": "gone"})
    ada.refresh_from_db()
    ada.town = "Nantes"
    ada.save()
    plan = customers.plan(merge)
    assert (len(plan.restored), len(plan.changed_since)) == (1, 1)
    customers.undo(merge, by=mia)
    ada.refresh_from_db()
    assert ada.town == "Nantes"


def test_a_no_said_since_counts_for_both_after_the_undoing(ada, double, mia):
    merge = customers.merge(ada, double, by=mia)
    Consent.objects.create(customer=ada, purpose="survey", granted=False)
    customers.undo(merge, by=mia)
    assert not ada.consents.get().granted
    assert not double.consents.get().granted


def test_a_later_merge_is_undone_first(ada, double, mallory, mia):
    first = customers.merge(ada, double, by=mia)
    second = customers.merge(mallory.customer, ada, by=mia)
    with pytest.raises(customers.NotUndoable):
        customers.undo(first, by=mia)
    customers.undo(second, by=mia)
    customers.undo(first, by=mia)
    assert Customer.objects.count() == 3
    assert customers.find("phone", "+33199001234") == double


def test_what_arrives_on_the_old_record_in_that_very_moment_follows(ada, double, mia):
    merge = customers.merge(ada, double, by=mia)
    late = factories.InteractionFactory(customer=Customer.all_rows.get(pk=double.pk))
    assert customers.collect_strays() == 1
    late.refresh_from_db()
    assert late.customer == ada
    assert customers.collect_strays() == 0
    merge.refresh_from_db()
    customers.undo(merge, by=mia)
    late.refresh_from_db()
    assert late.customer == double


def test_a_suggestion_ends_with_the_merge(ada, double, mia):
    customers.suggest(ada, double, MergeSuggestion.Reason.SAME_NAME)
    customers.merge(ada, double, by=mia)
    assert not customers.open_suggestions().exists()


@pytest.mark.django_db(transaction=True)
def test_both_directions_at_once_make_one_merge():
    one = customers.identify("mail", "one@example.test")
    other = customers.identify("mail", "other@example.test")

    def press(turn):
        kept, gone = (one, other) if turn else (other, one)
        try:
            customers.merge(kept, gone, by=None)
        except customers.NotMergeable:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, [True, False])) == [False, True]
    assert Customer.objects.count() == 1
    assert Customer.objects.get().identities.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_merge_is_undone_once_however_many_press():
    one = customers.identify("mail", "one@example.test")
    other = customers.identify("mail", "other@example.test")
    merge = customers.merge(one, other, by=None)

    def press(_turn):
        try:
            customers.undo(merge, by=None)
        except customers.NotUndoable:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == [False, True]
    assert [row.identities.count() for row in Customer.objects.all()] == [1, 1]
