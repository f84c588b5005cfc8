"""Rows written as a batch are as if they had been saved one by one."""

from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, transaction

from crm import clock
from crm.models import AuditEntry, Customer, Message
from crm.services import audit, rows
from tests import factories

pytestmark = pytest.mark.django_db


def messages(interaction, count=3):
    words = ["tab\there", "back\\slash \\N", 'quotes " and é\nline']
    return [
        Message(
            interaction=interaction,
            author=Message.Author.CUSTOMER,
            text=words[number % 3],
            body={"name": "\\x41", "list": [1, None, "\t"], "deep": {"a": True}},
            client_id=f"c{number}",
            staff_seq=number + 1,
            created_at=clock.now() - timedelta(minutes=number),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_copied_in_is_what_was_given(count, ada):
    given = messages(factories.InteractionFactory(customer=ada), count)
    rows.insert(given)
    for row in given:
        stored = Message.objects.get(pk=row.pk)
        for field in Message._meta.concrete_fields:
            assert getattr(stored, field.attname) == getattr(row, field.attname), field.name
        row.text = "changed"
    rows.update(given, ["text"])
    assert set(Message.objects.values_list("text", flat=True)) == {"changed"}


def test_a_row_that_breaks_a_rule_is_djangos_error_and_nothing_is_stored(ada):
    given = messages(factories.InteractionFactory(customer=ada))
    given[2].client_id = given[0].client_id
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(given)
    assert not Message.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_copied_in_is_on_record_with_who_did_it(count, bea):
    with audit.acting(bea.user_id, "api"):
        rows.insert([Customer(last_name=f"Copy{number}") for number in range(count)])
    entries = AuditEntry.objects.filter(model="crm.customer", actor_id=bea.user_id)
    assert sum(entry.count for entry in entries) == count


def test_what_is_too_long_is_refused_and_not_cut(ada):
    interaction = factories.InteractionFactory.create(customer=ada)
    interaction.title = "x" * 201
    with pytest.raises(DataError), transaction.atomic():
        rows.update([interaction], ["title"])


def test_lists_are_kept_as_lists(ada):
    ada.own_terms, nobody = ['offer: "Fibre", \\ new', "a,b"], Customer.objects.create()
    rows.update([ada, nobody], ["own_terms"])
    ada.refresh_from_db()
    nobody.refresh_from_db()
    assert (ada.own_terms, nobody.own_terms) == (['offer: "Fibre", \\ new', "a,b"], [])
