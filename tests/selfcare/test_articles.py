"""Importing, renaming and cleaning articles."""

import json

import pytest

from selfcare.models import Article, OldAddress, Translation
from selfcare.services import articles, importing
from tests.doors import signed_in
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db


def line(**fields) -> str:
    given = {"external_id": "a", "language": "fr", "title": "Titre", "body": "Texte."}
    return json.dumps(given | {"category": "tv"} | fields)


def test_the_same_file_again_changes_nothing():
    lines = [line(), line(language="en", title="Title"), line(external_id="b", related=["a"])]
    first = importing.import_articles(lines)
    stored = list(Translation.objects.order_by("pk").values())
    again = importing.import_articles(lines)
    assert (first.made, again.made, again.changed, again.same) == (3, 0, 0, 3)
    assert list(Translation.objects.order_by("pk").values()) == stored
    assert Article.objects.get(external_id="b").related.get().external_id == "a"


def test_a_changed_line_updates_its_article(remote):
    importing.import_articles([line()])
    done = importing.import_articles([line(title="Autre", subject=remote.slug)])
    assert done.changed == 1
    assert Translation.objects.get().title == "Autre"
    assert Article.objects.get().subject == remote


def test_two_articles_of_one_title_get_two_addresses():
    importing.import_articles([line(), line(external_id="b")])
    assert set(Translation.objects.values_list("slug", flat=True)) == {"titre", "titre-2"}


@pytest.mark.parametrize(
    "bad",
    [
        "no json",
        "[]",
        "{}",
        line(language="xx"),
        line(title=""),
        line(title=3),
        line(title="x" * 301),
        line(body="a\0b"),
        line(verified_on="yesterday"),
        line(subject="nobody-knows"),
        line(category="***"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_stored(bad):
    with pytest.raises(importing.BadLine):
        importing.import_articles([line(external_id="good"), bad])
    assert not Article.objects.exists()


def test_what_others_wrote_cannot_become_script():
    page = write(
        "Titre",
        '<p onclick="x()" class="top">Bon<script>alert(1)</script></p>'
        '<a href="javascript:x()">lien</a><img src=x onerror=x()><svg onload=x()></svg>',
    )
    assert "Bon" in page.body
    for bad in ("script", "onclick", "onerror", "onload", "class", "svg"):
        assert bad not in page.body


def test_a_former_address_leads_to_the_present_one(client):
    page = write("Ancien titre")
    page.slug = "nouveau-titre"
    articles.save(page)
    answer = client.get("/fr/article/ancien-titre/")
    assert (answer.status_code, answer["Location"]) == (301, "/fr/article/nouveau-titre/")


def test_whoever_takes_a_former_address_keeps_it(client):
    page = write("Un titre")
    page.slug = "ailleurs"
    articles.save(page)
    write("Un titre")
    assert client.get("/fr/article/un-titre/").status_code == 200
    assert not OldAddress.objects.filter(slug="un-titre").exists()


def test_the_api_cleans_keeps_addresses_and_asks_for_the_right(client, mia, bea):
    page = write("Ancien titre")
    address = f"/api/v1/article-texts/{page.pk}/"
    change = {"title": "Neuf", "slug": "neuf", "body": "<p onclick=x()>Bon</p>"}
    assert client.patch(address, change, "application/json").status_code == 403
    client = signed_in(bea.user, second_factor=True)
    assert client.get(address).status_code == 200
    assert client.patch(address, change, "application/json").status_code == 403
    client = signed_in(mia, second_factor=True)
    assert client.patch(address, change, "application/json").status_code == 200
    page.refresh_from_db()
    assert (page.slug, page.body) == ("neuf", "<p>Bon</p>")
    assert OldAddress.objects.get().slug == "ancien-titre"
    assert client.get("/api/v1/articles/").json()["results"][0]["translations"][0]["slug"] == "neuf"
