"""Numbers only where they apply and may be, actions that are counted, cancelling first."""

import pytest
from django.core.exceptions import ValidationError

from crm.models import Subject, VisitStep
from selfcare.models import Action, PhoneNumber, SubjectManners
from selfcare.services import phone_book
from tests.doors import signed_in
from tests.selfcare.conftest import paris
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db
Price = PhoneNumber.Price


@pytest.fixture
def emergency(remote):
    number = PhoneNumber(name_fr="Urgences", name_en="Emergencies", dialled="0 800 00 10 10")
    return phone_book.save(number, [remote])


def test_a_number_stands_with_its_official_price_where_it_applies_and_nowhere_else(
    client, emergency, sim
):
    page = client.get("/fr/contact/?subject=remote-control").content.decode()
    assert 'href="tel:0800001010"' in page
    assert "Service &amp; appel gratuits" in page
    assert "nous vous appelons, c’est gratuit" in page
    assert "Sourd ou malentendant" in page
    for other in ("/fr/contact/", "/fr/contact/?subject=sim-esim-puk", "/fr/search/?q=xyzzyx"):
        assert "0800001010" not in client.get(other).content.decode()


def test_the_number_says_when_it_opens(remote, office_hours):
    short = PhoneNumber(name_fr="Conseil", dialled="39 00", schedule=office_hours)
    phone_book.save(short, [remote])
    (shown,) = phone_book.numbers(remote, paris("2026-11-22T10:00"))  # Sunday
    assert (shown.is_open, shown.opens_at) == (False, paris("2026-11-23T08:00"))
    assert shown.number.tel == "tel:3900"


def test_a_paid_number_is_refused_for_after_sales_and_the_reason_is_said(remote, sim):
    paid = PhoneNumber(
        name_fr="Conseil", dialled="0 892 00 00 00", price_kind=Price.PREMIUM, price="0,15 €/min"
    )
    with pytest.raises(phone_book.Refused, match="Télécommande|Remote"):
        phone_book.save(paid, [remote])
    assert not PhoneNumber.objects.exists()
    SubjectManners.objects.create(subject=sim, is_presales=True)
    phone_book.save(paid, [sim])
    assert len(phone_book.numbers(sim, paris("2026-11-23T10:00"))) == 1
    with pytest.raises(phone_book.Refused):
        phone_book.check_manners(SubjectManners(subject=sim, is_presales=False))


def test_a_paid_number_that_slipped_in_is_not_shown(remote):
    paid = PhoneNumber.objects.create(
        name_fr="Conseil", dialled="0 892 00 00 00", price_kind=Price.PREMIUM, price="0,15 €/min"
    )
    paid.subjects.set([remote])
    assert phone_book.numbers(remote, paris("2026-11-23T10:00")) == []


@pytest.mark.parametrize(
    ("dialled", "kind", "fits"),
    [
        ("0 800 00 10 10", Price.FREE, True),
        ("0 809 00 10 10", Price.CALL, True),
        ("0 892 00 10 10", Price.FREE, False),
        ("0 805 00 10 10", Price.CALL, False),
        ("39 00", Price.CALL, True),
        ("01 99 00 00 10", Price.CALL, True),
        ("01 99 00 00 10", Price.FREE, False),
        ("30 19", Price.FREE, True),
        ("118 712", Price.CALL, False),
        ("appelez-nous", Price.FREE, False),
    ],
)
def test_a_range_knows_its_price(dialled, kind, fits):
    number = PhoneNumber(name_fr="N", dialled=dialled, price_kind=kind)
    if fits:
        number.clean()
    else:
        with pytest.raises(ValidationError):
            number.clean()


def test_an_action_is_counted_when_followed(client, remote):
    pay = Action.objects.create(name_fr="Tester ma ligne", url="https://lumio.example/test")
    pay.subjects.set([remote])
    write("La télécommande ne répond plus", subject=remote)
    page = client.get("/fr/article/la-telecommande-ne-repond-plus/").content.decode()
    assert f"/fr/action/{pay.pk}/" in page
    answer = client.get(f"/fr/action/{pay.pk}/")
    assert answer["Location"] == "https://lumio.example/test"
    assert VisitStep.objects.get(kind="action").target == pay.target
    robot = {"user-agent": "Googlebot/2.1"}
    client.get(f"/fr/action/{pay.pk}/", headers=robot)
    assert VisitStep.objects.filter(kind="action").count() == 1
    pay.is_active = False
    pay.save()
    assert client.get(f"/fr/action/{pay.pk}/").status_code == 404


def test_cancelling_comes_first_and_is_never_behind_anything(client, sim):
    SubjectManners.objects.create(subject=sim, cancel_url="https://lumio.example/resilier")
    write("Résilier mon contrat", subject=sim)
    for path in (
        "/fr/article/resilier-mon-contrat/",
        "/fr/contact/?subject=sim-esim-puk",
        "/fr/callback/?subject=sim-esim-puk",
    ):
        page = client.get(path).content.decode()
        assert page.index("https://lumio.example/resilier") < page.index("</h1>") + 1500, path


def test_the_api_keeps_the_same_rules(emergency, remote):
    from tests import factories

    root = factories.UserFactory(email="root@lumio.example", is_staff=True, is_superuser=True)
    api = signed_in(root, second_factor=True)

    def post(path, data):
        return api.post(f"/api/v1/{path}/", data, content_type="application/json")

    paid = {
        "name_fr": "Conseil",
        "dialled": "0 892 00 00 00",
        "price_kind": "premium",
        "price": "0,15 €/min",
        "subjects": ["remote-control"],
    }
    assert post("phone-numbers", paid).status_code == 400
    free = {"name_fr": "N", "dialled": "0 800 00 00 00", "subjects": ["remote-control"]}
    assert post("phone-numbers", free).status_code == 201
    subject = Subject.objects.get(slug="remote-control").pk
    assert post("subject-manners", {"subject": subject, "is_presales": True}).status_code == 201
    assert post("phone-numbers", paid).status_code == 201


def test_whoever_wants_to_cancel_is_shown_the_way_and_nothing_instead(client, remote):
    SubjectManners.objects.create(subject=remote, cancel_url="https://shop.example/resilier/")
    write("Résilier mon contrat", "<p>Comment résilier.</p>", subject=remote)
    found = client.get("/fr/search/?q=resilier+mon+contrat").content.decode()
    assert found.index("https://shop.example/resilier/") < found.index("/article/resilier")
    asked = {"q": "résilier mon contrat", "subject": remote.slug}
    assert client.get("/fr/suggest/", asked).json()["items"] == []
    ways = client.get("/fr/contact/ways/", {"subject": remote.slug}).content.decode()
    assert ways.index("https://shop.example/resilier/") < ways.index('class="ways"')


def test_what_was_written_goes_along_to_the_call(client, remote):
    ways = client.get("/fr/contact/ways/", {"subject": remote.slug, "title": "Box & TV"})
    assert "title=Box%20%26%20TV" in ways.content.decode()
    form = client.get("/fr/callback/", {"subject": remote.slug, "title": "Box & TV"})
    assert "Box &amp; TV</textarea>" in form.content.decode()
