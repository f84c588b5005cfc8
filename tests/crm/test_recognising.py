"""What is proven decides, names and claims only suggest."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from crm.models import Customer, Identity, MergeSuggestion, Organisation, OrganisationDomain
from crm.services import customers
from crm.services.customers import Claim

Reason = MergeSuggestion.Reason
ADA_PHONE = "+33199001234"


@pytest.fixture
def with_phone(ada):
    customers.add_identity(ada, "phone", ADA_PHONE, source="test")
    return ada


def reasons(one, other):
    elder, younger = sorted([one.pk, other.pk])
    row = MergeSuggestion.objects.filter(elder=elder, younger=younger).first()
    return row.reasons if row else []


def test_a_proven_address_decides_whatever_else_is_claimed(with_phone, mallory):
    found = customers.recognise(
        [Claim("phone", ADA_PHONE), Claim("mail", "mallory@evil.example", "portal")]
    )
    assert found == mallory.customer
    assert reasons(with_phone, found) == [Reason.SAME_PHONE]


def test_two_proven_records_are_never_merged_by_themselves(ada):
    shop = customers.identify("external", "C-1001", verified_by="site")
    found = customers.recognise(
        [Claim("external", "C-1001", "site"), Claim("mail", "ada@lenoir.example", "mail")]
    )
    assert found == shop
    assert reasons(ada, shop) == [Reason.PROVEN_BOTH]
    assert Customer.objects.count() == 2


def test_a_known_record_learns_from_proof_and_not_from_a_form(ada):
    customers.recognise([Claim("mail", "ada@lenoir.example"), Claim("phone", ADA_PHONE)])
    assert customers.find("phone", ADA_PHONE) is None
    customers.recognise([Claim("mail", "ada@lenoir.example", "portal"), Claim("phone", ADA_PHONE)])
    assert customers.find("phone", "01 99 00 12 34") == ada
    assert not Identity.objects.get(value=ADA_PHONE).verified_at


def test_somebody_of_another_name_on_the_same_number_gets_a_record_of_their_own(with_phone):
    paul = customers.recognise([Claim("phone", ADA_PHONE)], name="Paul Marchand")
    assert paul != with_phone
    assert reasons(with_phone, paul) == [Reason.SAME_PHONE]
    assert customers.recognise([Claim("phone", ADA_PHONE)], name="Mme Lenoir") == with_phone
    assert customers.recognise([Claim("phone", ADA_PHONE)]) == with_phone


def test_a_namesake_is_suggested_and_nothing_more(ada):
    other = customers.identify("mail", "ada@elsewhere.example", name="LENOIR, Ada")
    assert other != ada
    assert reasons(ada, other) == [Reason.SAME_NAME]


def test_a_name_that_many_have_suggests_nothing(db):
    for number in range(6):
        customers.identify("mail", f"jean{number}@martin.example", name="Jean Martin")
    newest = Customer.objects.order_by("-pk").first()
    assert not customers.open_suggestions(newest).exists()


def test_what_was_set_aside_comes_back_for_a_new_reason_only(ada, mallory, mia):
    other = mallory.customer
    row = customers.suggest(ada, other, Reason.SAME_NAME)
    customers.dismiss(row, by=mia)
    customers.suggest(other, ada, Reason.SAME_NAME)
    assert not customers.open_suggestions(ada).exists()
    customers.suggest(other, ada, Reason.SAME_PHONE)
    assert customers.open_suggestions(ada).get().reasons == [Reason.SAME_NAME, Reason.SAME_PHONE]


def test_a_new_customer_joins_the_organisation_of_their_domain_and_it_says_so(db):
    firm = Organisation.objects.create(name="Bücher & fils")
    domain = OrganisationDomain(organisation=firm, name="@Bücher.example")
    domain.full_clean()
    domain.save()
    zoe = customers.identify("mail", "zoe@bücher.example")
    assert (zoe.organisation, zoe.joined_by) == (firm, "xn--bcher-kva.example")
    assert customers.identify("mail", "zoe@other.example").organisation is None


def test_a_domain_that_anybody_can_have_is_refused(db):
    from django.core.exceptions import ValidationError

    firm = Organisation.objects.create(name="Chez Paul")
    for name in ["gmail.com", "Orange.FR", "no domain", ""]:
        with pytest.raises(ValidationError):
            OrganisationDomain(organisation=firm, name=name).full_clean()


@pytest.mark.django_db(transaction=True)
def test_the_same_two_claims_at_once_make_one_customer():
    claims = [Claim("mail", "nina@example.test"), Claim("phone", "+33199005555")]

    def ask(number):
        try:
            turned = claims if number % 2 else claims[::-1]
            return customers.recognise(turned, name="Nina Neuve").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert Identity.objects.count() == 2
