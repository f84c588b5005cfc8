"""Who is it? Identities decide."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from crm.models import Customer, Identity
from crm.services import customers


def test_a_phone_typed_with_dots_finds_the_number_stored_in_full(ada):
    customers.add_identity(ada, "phone", "+33 1 99 00 12 34", source="test")
    assert customers.find("phone", "01.99.00.12.34") == ada


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("mail", "no-at-sign"),
        ("mail", "a b@x.test"),
        ("mail", "a@b"),
        ("phone", "12"),
        ("phone", "abc"),
        ("visitor", "  "),
        ("visitor", "x" * 255),
    ],
)
def test_what_cannot_be_an_identity_is_refused(db, kind, value):
    with pytest.raises(customers.BadIdentity):
        customers.identify(kind, value)
    assert not Customer.objects.exists()


def test_case_and_international_domains_make_no_second_customer(db):
    first = customers.identify("mail", "Zoe@Bücher.example", name="Zoé Blanc")
    assert customers.identify("mail", "zoe@xn--bcher-kva.EXAMPLE") == first
    assert customers.identify("mail", "zoe+lumio@bücher.example") != first


def test_the_name_of_a_known_customer_is_not_overwritten(ada):
    customers.identify("mail", "ada@lenoir.example", name="Somebody Else")
    ada.refresh_from_db()
    assert ada.full_name == "Ada Lenoir"


def test_an_address_of_another_customer_is_never_taken_over(ada, mallory):
    with pytest.raises(customers.IdentityTaken):
        customers.add_identity(mallory.customer, "mail", "ada@lenoir.example")
    assert ada.identities.count() == 1


def test_a_claimed_address_becomes_verified_once_and_stays_so(db):
    customers.identify("mail", "leo@example.test")
    customers.identify("mail", "leo@example.test", verified_by="mail")
    customers.identify("mail", "leo@example.test", verified_by="portal")
    assert Identity.objects.get().verified_by == "mail"


@pytest.mark.django_db(transaction=True)
def test_eight_first_mails_of_one_sender_at_once_make_one_customer():
    def write(_number):
        try:
            return customers.identify("mail", "new@example.test", name="Nina Neuve").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(write, range(8)))) == 1
    assert Customer.objects.count() == 1
