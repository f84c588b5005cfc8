"""A site's own words and its logo: kept in the console and by the API, seen before visitors do."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chat.models import Site
from chat.services import texts

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def desk(root):
    return root


def keep(client, site, **words):
    given = {name.replace("__", "."): text for name, text in words.items()}
    return client.post(reverse("admin:chat_words", args=[site.pk]), given)


def test_a_site_says_it_in_its_own_words_in_each_language(desk, shop):
    answer = keep(desk, shop, fr__welcome="Bonjour, Lumio à l’appareil.", en__welcome=" ")
    assert answer.status_code == 302
    shop.refresh_from_db()
    assert shop.texts == {"fr": {"welcome": "Bonjour, Lumio à l’appareil."}}
    assert texts.widget(shop, "fr")["welcome"] == "Bonjour, Lumio à l’appareil."
    assert texts.widget(shop, "en")["welcome"] == texts.shipped("en")["welcome"]


def test_what_says_the_same_as_we_do_is_not_kept(desk, shop):
    keep(desk, shop, fr__welcome=texts.shipped("fr")["welcome"])
    shop.refresh_from_db()
    assert shop.texts == {}


def test_words_that_ask_for_what_is_not_told_are_refused_and_still_there_to_mend(desk, shop):
    answer = keep(desk, shop, fr__accept="Parler à {prenom}", fr__refuse="Non merci")
    assert answer.status_code == 422
    assert "{prenom}" in answer.content.decode()
    assert "Non merci" in answer.content.decode()
    shop.refresh_from_db()
    assert shop.texts == {}


def test_markup_in_a_sites_words_stays_words(desk, shop, client):
    keep(desk, shop, fr__welcome="<script>alert(1)</script>")
    frame = client.get("/widget/frame/boutique/?lang=fr").content.decode()
    assert "<script>alert" not in frame


def test_agents_and_strangers_keep_no_words(enter, bea, client, shop):
    assert keep(enter(bea.user), shop, fr__welcome="Salut").status_code == 403
    assert keep(client, shop, fr__welcome="Salut").status_code == 302  # to the sign-in
    shop.refresh_from_db()
    assert shop.texts == {}


def test_the_preview_is_the_sites_own_chat_on_an_empty_page_of_ours(desk, shop):
    page = desk.get(reverse("admin:chat_preview", args=[shop.pk]) + "?lang=en")
    assert 'data-site="boutique" data-lang="en"' in page.content.decode()
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "SAMEORIGIN"


def test_the_lists_of_a_site_are_written_one_a_line(desk, shop):
    address = reverse("admin:chat_site_change", args=[shop.pk])
    form = desk.get(address).context["adminform"].form
    given = {name: form[name].value() or "" for name in form.fields if name != "logo"}
    given |= {
        "origins": "https://www.lumio.example\n\n https://shop.lumio.example ",
        "excluded_pages": "*panier*",
        "button_pages": "",
        "rules-TOTAL_FORMS": "0",
        "rules-INITIAL_FORMS": "0",
    }
    assert desk.post(address, given).status_code == 302
    shop.refresh_from_db()
    assert shop.origins == ["https://www.lumio.example", "https://shop.lumio.example"]
    assert (shop.excluded_pages, shop.button_pages) == (["*panier*"], [])
    refused = desk.post(address, given | {"origins": "www.lumio.example/shop"})
    assert refused.status_code == 200
    assert "www.lumio.example/shop" in str(refused.context["adminform"].form.errors["origins"])


# -- the same by the API


def test_the_api_takes_words_and_refuses_unknown_ones(desk, shop):
    address = f"/api/v1/sites/{shop.pk}/"

    def send(given):
        return desk.patch(address, {"texts": given}, content_type="application/json")

    assert send({"en": {"welcome": "Hi there."}}).json()["texts"] == {
        "en": {"welcome": "Hi there."}
    }
    for wrong in (
        [],
        {"de": {"welcome": "Hallo"}},
        {"en": {"wellcome": "Hi"}},
        {"en": {"welcome": 3}},
        {"en": {"welcome": "x" * 301}},
        {"en": {"welcome": "Hi {name}"}},
    ):
        assert send(wrong).status_code == 400, wrong
    shop.refresh_from_db()
    assert shop.texts == {"en": {"welcome": "Hi there."}}


def test_the_api_sets_another_logo_and_takes_it_away(
    desk, shop, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.MEDIA_ROOT = tmp_path
    address = f"/api/v1/sites/{shop.pk}/logo/"

    def put(content):
        file = SimpleUploadedFile("logo.png", content)
        with django_capture_on_commit_callbacks(execute=True):
            return desk.generic("PUT", address, *_multipart(file))

    assert put(b"<svg onload=alert(1)>").status_code == 400
    assert put(PNG).json()["logo"].startswith("/widget/logo/boutique/")
    first = Site.objects.get(pk=shop.pk).logo.path
    assert put(PNG + b"1").status_code == 200
    second = Site.objects.get(pk=shop.pk).logo
    assert second.storage.exists(second.name)
    assert not second.storage.exists(first)
    with django_capture_on_commit_callbacks(execute=True):
        assert desk.delete(address).status_code == 204
    assert not Site.objects.get(pk=shop.pk).logo
    assert not list(tmp_path.rglob("*.png"))


def _multipart(file):
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    return encode_multipart(BOUNDARY, {"file": file}), MULTIPART_CONTENT


def test_an_agent_sets_no_logo(enter, bea, shop):
    answer = enter(bea.user).put(f"/api/v1/sites/{shop.pk}/logo/")
    assert answer.status_code == 403
