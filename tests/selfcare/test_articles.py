"""Importing, renaming and cleaning articles."""

import io
import json

import pytest

from crm.models import Export
from crm.services import transfer
from crm.text import clean_html, plain
from selfcare.models import Article, OldAddress, Translation, Version
from selfcare.services import (
    article_as_markdown,
    article_formats,
    article_markdown,
    articles,
    importing,
)
from tests.doors import signed_in
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


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
    with pytest.raises(importing.BadFile):
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


def test_what_goes_out_comes_in_again_and_changes_nothing(remote, mia):
    rows = [
        line(
            title='Un "titre", long', keywords=["un", "deux"], subject=remote.slug, owner=mia.email
        ),
        line(language="en", title="Title", visibility="staff", is_published=False),
        line(external_id="b", related=["a"], body="<p>Ligne 1<br>\nLigne 2 ; é</p>"),
    ]
    importing.import_articles(rows)
    for form in article_formats.FORMS:
        file = io.BytesIO()
        article_formats.write(form, file)
        name = "x.zip" if form == "md" else f"x.{form}"
        again = importing.import_rows(article_formats.parse(name, file.getvalue()))
        assert (again.made, again.changed, again.same) == (0, 0, 3), form
    article = Article.objects.get(external_id="a")
    assert (article.owner, article.visibility, article.is_published) == (mia, "staff", False)
    assert Version.objects.count() == 3


HARD = """<p>1.\u00a0no list, <em>leaning</em> on * and _ and &lt;b&gt; <a href="/fr/" \
rel="noopener noreferrer">home [1]</a></p><h2># Two</h2><ol start="3"><li>Third<ul><li>a</li>\
<li>b <code>x * y</code></li></ul></li></ol><ul><li><p>One</p><p>Two</p></li></ul><blockquote>\
<p>Said</p><p>- twice</p></blockquote><table><tbody><tr><td>a</td></tr></tbody></table><pre>a

  b</pre><p>Ligne<br>et <b>gras</b>, <img src="https://x.example/a.png" alt="[plan]"></p><hr>\
<figure><img src="https://x.example/b.png" alt="" width="3"><figcaption>Là</figcaption></figure>"""


def test_markdown_says_what_it_can_and_leaves_the_rest_as_it_is(remote):
    importing.import_articles([line(body=HARD, title="# *Titre* :", summary='"Non"\u00a0: [x]')])
    ((_place, data),) = list(article_formats.json_lines(article_formats.as_json_lines()))
    text = article_as_markdown.page(data)
    assert "# # *Titre* :\n" in text
    assert "3. Third\n   - a\n   - b" in text
    assert "<table><tbody>" in text
    again = importing.import_rows(article_formats.parse("a.md", text.encode()))
    assert again.same == 1


@pytest.mark.parametrize("body", ["plain <b>words</b> & more", "<div><p>a</p>b</div>", "<p>*</p>"])
def test_any_text_comes_back_from_markdown_as_it_looked(body):
    again = article_markdown.rendered(article_as_markdown.as_markdown(clean_html(body)))
    assert plain(again) == plain(clean_html(body))


def test_a_table_of_an_old_spreadsheet_is_read():
    content = "external_id;language;title;body;keywords\r\na;fr;Été;Texte;un | deux\r\n".encode(
        "cp1252"
    )
    importing.import_rows(article_formats.parse("faq.csv", content))
    page = Translation.objects.get()
    assert (page.title, page.keywords, page.body) == ("Été", ["un", "deux"], "<p>Texte</p>")


def test_a_folder_of_markdown_says_by_its_places_what_its_files_leave_out(tmp_path):
    (tmp_path / "en" / "tv").mkdir(parents=True)
    (tmp_path / "en" / "tv" / "remote.md").write_text("# My remote\n\n1. Batteries\n2. Pair\n")
    (tmp_path / "remote.md").write_text(
        "---\ntitle: Ma télécommande\ncategory: tv\nkeywords: [zapette, piles]\n---\nDes *piles*.\n"
    )
    done = importing.import_rows(article_formats.read(tmp_path))
    assert done.made == 2
    article = Article.objects.get()
    texts = {text.language: text for text in article.translations.all()}
    assert (article.external_id, article.category.slug) == ("remote", "tv")
    assert (texts["fr"].keywords, texts["en"].title) == (["zapette", "piles"], "My remote")
    assert "<li>Batteries</li>" in texts["en"].body


def test_trying_a_file_stores_nothing(mias):
    file = io.BytesIO(line().encode())
    file.name = "faq.jsonl"
    assert mias.post("/console/editors/import/", {"file": file}).status_code == 302
    assert not Article.objects.exists()
    file.seek(0)
    mias.post("/console/editors/import/", {"file": file, "really": "1"})
    assert Article.objects.get().external_id == "a"


def test_a_text_is_drafted_reviewed_and_restored_through_the_api(mias, beas):
    page = write("Premier", "<p>Un.</p>")
    given = {
        "article": page.article_id,
        "language": "fr",
        "title": "Second",
        "body": "<p>Deux.</p>",
    }
    assert beas.post("/api/v1/article-versions/", given, "application/json").status_code == 403
    made = mias.post("/api/v1/article-versions/", given, "application/json").json()
    assert (
        mias.post(
            "/api/v1/article-versions/", given | {"title": "x"}, "application/json"
        ).status_code
        == 409
    )
    address = f"/api/v1/article-versions/{made['id']}"
    for verb, state in (("submit", "review"), ("publish", "published")):
        assert mias.post(f"{address}/{verb}/").json()["state"] == state
    assert mias.post(f"{address}/submit/").status_code == 409
    assert mias.delete(f"{address}/").status_code == 409
    first = Version.objects.get(number=1)
    assert mias.post(f"/api/v1/article-versions/{first.pk}/restore/").status_code == 204
    assert Translation.objects.get().title == "Premier"


def test_files_named_by_a_plain_line_are_nobodys():
    line = {
        "external_id": "a",
        "language": "fr",
        "title": "A",
        "body": "B",
        "files": [{"key": "x"}],
    }
    assert importing.import_articles([json.dumps(line)]).made == 1


def test_who_may_not_read_articles_there_takes_none_and_each_form_is_asked_for(
    mias, beas, mallory, mia
):
    door = "/console/editors/export/"
    assert beas.post(door, {"format": "csv"}).status_code == 302, "whoever reads them may"
    theirs = Export.objects.get()
    assert mias.get(f"/console/transfer/exports/{theirs.pk}/").status_code == 404
    assert mias.post(door, {"format": "pdf"}).status_code == 400
    assert mias.post("/console/transfer/export/", {"format": "jsonl"}).status_code == 400
    assert mias.get(door).status_code == 405
    stranger = signed_in(mallory, second_factor=True)
    assert stranger.post(door, {"format": "csv"}).status_code in (302, 403)
    assert Export.objects.count() == 1
    made = mias.post("/api/v1/exports/", {"page": "editors", "form": "md"}, "application/json")
    assert made.status_code == 202, "and by the API"


def test_who_lost_the_right_meanwhile_gets_nothing_and_an_erasure_leaves_the_rest(mias, mia, ada):
    importing.import_articles([line()])
    for _turn in range(2):
        mias.post("/console/editors/export/", {"format": "csv"})
    assert transfer.write_next()
    mia.user_permissions.clear()
    mia.groups.clear()
    assert transfer.write_next()
    kept, refused = Export.objects.order_by("pk")
    assert (kept.state, refused.state, bool(refused.file)) == ("done", "failed", False)
    assert "droit" in refused.error
    transfer.forget_about([ada])
    kept.refresh_from_db()
    assert kept.file, "it names nobody"
