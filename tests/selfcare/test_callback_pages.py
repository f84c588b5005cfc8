"""The portal's callback pages, as a browser without JavaScript uses them."""

import pytest
from django.core import signing
from django.urls import reverse

from crm.models import Interaction, Status
from crm.services import interactions
from selfcare.models import Callback
from selfcare.services import callbacks, links
from tests.selfcare.conftest import ADA_PHONE, paris

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_limits", "staffed")]

SLOT = "2026-11-23T17:30"


def form(sim, **more):
    return {
        "subject": sim.slug,
        "when": paris(SLOT).isoformat(),
        "phone": "01 99 00 12 34",
        "name": "Ada Lenoir",
        "mail": "ada@lenoir.example",
        "about": "Ma carte SIM",
        **more,
    }


@pytest.fixture
def booked(ada, sim, monday, outbox):
    return callbacks.request(ada, phone=ADA_PHONE, subject=sim, slot=paris(SLOT))


def link(callback):
    return reverse("selfcare:callback_link", args=[links.token(links.CALLBACK, callback.pk)])


def test_from_the_subject_to_the_promise(client, ada, sim, monday, outbox):
    subjects = client.get("/fr/callback/")
    assert f"?subject={sim.slug}" in subjects.content.decode()
    times = client.get(f"/fr/callback/?subject={sim.slug}").content.decode()
    assert 'value="now"' in times
    answer = client.post("/fr/callback/", form(sim), follow=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "17\u00a0h\u00a030" in page
    made = Callback.objects.get()
    assert made.interaction.customer == ada
    assert answer.redirect_chain[-1][0] == f"/fr/callback/{made.pk}/"
    assert made.interaction.reference in page


def test_pressing_twice_books_once_and_leads_to_the_promise(client, sim, monday, outbox):
    client.post("/fr/callback/", form(sim))
    second = client.post("/fr/callback/", form(sim))
    assert second.status_code == 302
    assert Callback.objects.count() == 1


def test_somebody_elses_number_tells_only_that_it_is_planned(client, booked, sim):
    answer = client.post("/fr/callback/", form(sim, mail="mallory@evil.example"))
    assert answer.status_code == 409
    assert booked.interaction.reference not in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("phone", "0899 70 12 34", 422),
        ("phone", "", 422),
        ("when", "", 422),
        ("when", "yesterday", 422),
        ("when", "2026-11-23T17:30", 422),  # no time zone
        ("when", "2026-11-22T17:30:00+01:00", 409),
        ("mail", "nothing", 422),
    ],
)
def test_what_cannot_be_promised_comes_back_with_what_was_typed(
    client, sim, monday, outbox, field, value, status
):
    answer = client.post("/fr/callback/", form(sim, **{field: value}))
    assert answer.status_code == status
    assert "Ma carte SIM" in answer.content.decode()
    assert not Callback.objects.exists()


def test_asking_too_often_is_slowed_down(client, sim, monday, outbox):
    for _time in range(5):
        client.post("/fr/callback/", form(sim))
        callbacks.cancel(Callback.objects.latest("pk").pk)
    answer = client.post("/fr/callback/", form(sim))
    assert answer.status_code == 429
    assert Callback.objects.count() == 5


def test_the_mails_link_opens_the_page_at_a_clean_address(client, booked):
    answer = client.get(link(booked), follow=True)
    assert answer.redirect_chain == [(f"/fr/callback/{booked.pk}/", 302)]
    assert answer.status_code == 200


def test_looking_changes_nothing(client, booked):
    client.get(link(booked), follow=True)
    for address in (link(booked), f"/fr/callback/{booked.pk}/"):
        client.get(address)
        client.head(address)
    assert client.get(f"/fr/callback/{booked.pk}/cancel/").status_code == 405
    assert client.get(f"/fr/callback/{booked.pk}/move/").status_code == 405
    booked.interaction.refresh_from_db()
    assert booked.interaction.status == Status.PENDING


def test_with_the_link_the_call_is_moved_and_cancelled(client, booked):
    client.get(link(booked))
    later = paris("2026-11-24T09:00")
    client.post(f"/fr/callback/{booked.pk}/move/", {"when": later.isoformat()})
    booked.refresh_from_db()
    assert booked.slot_start == later
    client.post(f"/fr/callback/{booked.pk}/cancel/")
    booked.interaction.refresh_from_db()
    assert booked.interaction.outcome == Interaction.Outcome.CANCELLED
    assert client.get(f"/fr/callback/{booked.pk}/").status_code == 200


def test_moving_to_a_time_that_is_gone_offers_others(client, booked):
    client.get(link(booked))
    gone = paris("2026-11-22T09:00").isoformat()
    answer = client.post(f"/fr/callback/{booked.pk}/move/", {"when": gone})
    assert answer.status_code == 409
    assert answer.context["alternatives"]


def test_a_stranger_finds_no_callback(client, booked, mallory):
    for _who in ("nobody", "mallory"):
        assert client.get(f"/fr/callback/{booked.pk}/").status_code == 404
        assert client.post(f"/fr/callback/{booked.pk}/cancel/").status_code == 404
        assert client.post(f"/fr/callback/{booked.pk}/move/", {"when": "now"}).status_code == 404
        client.force_login(mallory)


def test_a_link_serves_one_purpose_until_its_end(client, booked, monkeypatch):
    other = reverse("selfcare:callback_link", args=[links.token(links.SURVEY, booked.pk)])
    assert client.get(other).status_code == 410
    assert client.get("/fr/callback/l/nonsense/").status_code == 410
    old = link(booked)
    real = signing.time.time
    monkeypatch.setattr(signing.time, "time", lambda: real() + 31 * 86400)
    assert client.get(old).status_code == 410


def test_the_signed_in_customer_needs_no_link(client, booked, ada_user):
    client.force_login(ada_user)
    assert client.get(f"/fr/callback/{booked.pk}/").status_code == 200
    page = client.get("/fr/callback/", {"subject": "sim-esim-puk"}).content.decode()
    assert 'value="Ada Lenoir"' in page


def test_every_state_of_a_call_has_its_page(client, booked, bea):
    client.get(link(booked))
    interactions.assign(booked.interaction, bea)
    assert client.get(f"/fr/callback/{booked.pk}/").status_code == 200
    assert client.post(f"/fr/callback/{booked.pk}/cancel/").status_code == 409
    interactions.close(booked.interaction, by=bea, outcome=Interaction.Outcome.EXPIRED)
    assert client.get(f"/fr/callback/{booked.pk}/").status_code == 200


def test_whoever_was_not_reached_chooses_again_without_starting_over(
    client, ada, sim, monday, outbox
):
    asked = {"mail": "ada@mail.example", "asked_text": "Ma carte SIM"}
    missed = callbacks.request(ada, phone=ADA_PHONE, subject=sim, slot=paris(SLOT), **asked)
    interactions.close(missed.interaction, outcome=Interaction.Outcome.EXPIRED)
    again = f"/fr/callback/?again={missed.pk}&amp;subject={sim.slug}"
    stranger = client.get(again.replace("&amp;", "&")).content.decode()
    assert "Ma carte SIM" not in stranger
    assert again in client.get(link(missed), follow=True).content.decode()
    form_again = client.get(again.replace("&amp;", "&")).content.decode()
    for typed in ("01\u00a099\u00a000\u00a012\u00a034", "ada@mail.example", "Ma carte SIM"):
        assert typed in form_again
    assert "Lenoir" not in form_again


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_way_for_deaf_customers_stands_wherever_a_call_is_offered(
    client, booked, sim, language
):
    client.get(link(booked))
    for address in (
        f"/{language}/callback/",
        f"/{language}/callback/?subject={sim.slug}",
        f"/{language}/callback/{booked.pk}/",
        f"/{language}/callback/l/gone/",
        f"/{language}/contact/?subject={sim.slug}",
        f"/{language}/search/?q=xyzzyx",
    ):
        page = client.get(address).content.decode()
        assert 'class="hearing"' in page, address
        assert "in_writing=1" in page, address
