"""Many senders at once are recognised as one by one."""

import pytest

from crm.models import Customer, Identity, MergeSuggestion, Organisation, OrganisationDomain
from crm.services import customers, identifying

pytestmark = pytest.mark.django_db


def identify(*senders: tuple[str, str]) -> dict[str, Customer]:
    made = (identifying.Sender(address, name, "mail") for address, name in senders)
    return dict(identifying.identify_all(made, source="mail"))


def test_who_is_known_is_found_and_who_is_not_is_made_once(ada):
    found = identify(
        ("ada@lenoir.example", "A. L."),
        ("new@firm.example", "Noé Petit"),
        ("new@firm.example", "Another Name"),
    )
    assert found["ada@lenoir.example"] == ada
    assert str(found["new@firm.example"]) == "Noé Petit"
    assert customers.find("mail", "new@firm.example") == found["new@firm.example"]
    assert Identity.objects.get(value="new@firm.example").verified_by == "mail"


def test_a_batch_makes_the_same_record_as_one_alone(db):
    rule = OrganisationDomain.objects.create(
        organisation=Organisation.objects.create(name="Firm"), name="firm.example"
    )
    one = customers.identify("mail", "one@firm.example", name="Léa Roux", verified_by="mail")
    many = identify(("two@firm.example", "Léa Roux"))["two@firm.example"]
    many.refresh_from_db()
    one.refresh_from_db()
    assert many.organisation == one.organisation == rule.organisation
    for field in ("first_name", "last_name", "name_key", "language", "joined_by"):
        assert getattr(many, field) == getattr(one, field)
    assert MergeSuggestion.objects.filter(elder=one, younger=many).exists()


def test_many_new_senders_cost_as_many_queries_as_few(django_assert_max_num_queries):
    for count in (2, 40):
        with django_assert_max_num_queries(10):
            identify(*[(f"n{count}-{n}@x.example", f"Prénom{n} Nom{count}") for n in range(count)])
