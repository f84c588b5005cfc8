"""Drafts, review, schedule, rollback; who may read what; which translations are behind."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm import clock
from crm.models import VisitStep
from selfcare import search
from selfcare.models import Article, Audience, Translation, Version
from selfcare.services import articles, editorial, files, link_check, rich_text, versions
from tests.doors import signed_in, stranger
from tests.factories import ArticleFactory
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def draft(article=None, title="Titre", body="<p>Texte.</p>", language="fr", seen=0, by=None):
    article = article or ArticleFactory()
    return versions.write(article, language, {"title": title, "body": body}, by=by, seen=seen)


def shown(article, language="fr") -> str:
    return Translation.objects.get(article=article, language=language).title


def test_nobody_reads_a_draft_until_it_is_published(client, mia):
    made = draft(title="Un brouillon")
    assert client.get("/fr/article/un-brouillon/").status_code == 404
    assert search.search("brouillon", "fr").hits == []
    page = versions.publish(made.article, "fr", by=mia)
    search.forget()
    assert client.get(f"/fr/article/{page.slug}/").status_code == 200
    assert len(search.search("brouillon", "fr").hits) == 1
    made.refresh_from_db()
    assert (made.state, made.published_by, made.number) == ("published", mia, 1)


def test_customers_read_the_old_text_while_the_new_one_is_written_and_reviewed(mia, bea):
    page = write("Ancien", "<p>Avant.</p>")
    draft(page.article, "Nouveau")
    versions.submit(page.article, "fr")
    assert shown(page.article) == "Ancien"
    back = versions.send_back(page.article, "fr", "Trop court")
    assert (back.state, back.remark) == ("draft", "Trop court")
    versions.publish(page.article, "fr", by=mia)
    assert shown(page.article) == "Nouveau"
    assert [v.title for v in page.article.versions.all()] == ["Nouveau", "Ancien"]


def test_two_people_at_one_draft_notice_each_other():
    made = draft()
    draft(made.article, "Le mien", seen=1)
    with pytest.raises(versions.Moved):
        draft(made.article, "Le tien", seen=1)
    assert versions.working(made.article, "fr").title == "Le mien"


def test_saving_the_same_again_is_no_new_revision():
    made = draft()
    again = draft(made.article, seen=1)
    assert (again.pk, again.revision) == (made.pk, 1)


@pytest.mark.parametrize(
    ("title", "body"), [("Titre", ""), ("Titre", "<p> </p>"), (" ", "<p>x</p>")]
)
def test_nothing_is_shown_without_title_and_text(title, body):
    made = draft(title=title, body=body)
    for verb in (versions.submit, lambda a, code: versions.publish(a, code, by=None)):
        with pytest.raises(versions.Incomplete):
            verb(made.article, "fr")
    assert not Translation.objects.exists()


def test_a_scheduled_text_appears_at_its_hour_and_once(monday, mia):
    made = draft()
    with pytest.raises(versions.TooEarly):
        versions.schedule(made.article, "fr", clock.now(), by=mia)
    versions.schedule(made.article, "fr", clock.now() + timedelta(hours=2), by=mia)
    assert versions.publish_due() == 0
    monday("2026-11-23T12:00")
    assert [versions.publish_due(), versions.publish_due()] == [1, 0]
    made.refresh_from_db()
    assert (shown(made.article), made.published_by) == ("Titre", mia)


def test_who_edits_a_scheduled_text_takes_it_off_the_schedule(monday, mia):
    made = draft()
    versions.schedule(made.article, "fr", clock.now() + timedelta(hours=2), by=mia)
    draft(made.article, "Encore", seen=1)
    monday("2026-11-23T14:00")
    assert versions.publish_due() == 0


def test_an_older_text_comes_back_and_nothing_is_lost(client, mia):
    page = write("Premier", "<p>Un.</p>")
    page.title, page.slug, page.body = "Second", "second", "<p>Deux.</p>"
    articles.save(page)
    draft(page.article, "En cours")
    versions.roll_back(page.article.versions.get(number=1), by=mia)
    assert shown(page.article) == "Premier"
    assert client.get("/fr/article/second/").url == "/fr/article/premier/"
    assert [v.state for v in page.article.versions.order_by("number")] == [
        "published", "published", "draft", "published",
    ]  # fmt: skip
    assert versions.working(page.article, "fr").title == "En cours"


def test_a_translation_is_outdated_until_somebody_followed_or_said_it_is_still_right(monday):
    page = write("Titre", "<p>Un.</p>")
    there = write("Title", "<p>One.</p>", language="en", article=page.article)
    outdated = Translation.objects.outdated()
    assert not outdated.all().exists()
    monday("2026-11-23T11:00")
    page.body = "<p>Deux.</p>"
    articles.save(page)
    assert list(outdated.all()) == [there]
    articles.still_right(there)
    assert not outdated.all().exists()
    monday("2026-11-23T12:00")
    page.body = "<p>Trois.</p>"
    articles.save(page)
    monday("2026-11-23T13:00")
    there.body = "<p>Three.</p>"
    articles.save(there)
    assert not outdated.all().exists()  # and the original is not behind its translation


def test_a_small_change_leaves_the_translation_as_good_as_it_was(monday, mia):
    page = write("Titre", "<p>Un.</p>")
    write("Title", language="en", article=page.article)
    monday("2026-11-23T11:00")
    changed = {"title": "Titre.", "body": "<p>Un.</p>", "minor": True}
    versions.write(page.article, "fr", changed, by=mia)
    versions.publish(page.article, "fr", by=mia)
    assert not Translation.objects.outdated().exists()


def test_the_editors_page_lists_what_is_to_do(monday, mia, bea):
    page = write("Sans traduction", '<p><a href="/fr/article/perdu/">lien</a></p>')
    made = draft(title="À relire")
    versions.submit(made.article, "fr")
    link_check.read_new()
    link_check.check_due()
    todo = {one.name: [item.title for item in one.items] for one in editorial.lists()}
    assert todo["review"] == ["À relire"]
    assert todo["missing-en"] == ["Sans traduction"]
    assert todo["check"] == ["Sans traduction"]
    assert todo["links"] == ["Sans traduction"]
    assert [one.count for one in editorial.lists(owner=mia)] == [0] * len(todo)
    articles.checked(page.article)
    assert not Article.objects.to_check(clock.now().date()).exists()
    assert Article.objects.to_check((clock.now() + timedelta(days=181)).date()).exists()
    assert signed_in(bea.user, second_factor=True).get("/console/editors/").status_code == 403
    answer = signed_in(mia, second_factor=True).get("/console/editors/")
    assert "À relire" in answer.content.decode()


def test_the_editors_page_costs_the_same_with_many_articles(django_assert_max_num_queries):
    for number in range(20):
        write(f"Titre {number}")
    with django_assert_max_num_queries(20):
        editorial.lists()


# who may read what


@pytest.mark.parametrize(
    ("visibility", "readers"), [("public", "smb"), ("signed_in", "mb"), ("staff", "b")]
)
def test_every_door_shows_an_article_to_its_readers_only(visibility, readers, mallory, bea):
    page = write("Codes secrets du décodeur", "<p>0000</p>", visibility=visibility)
    picture = files.add(page.article, SimpleUploadedFile("a.png", PNG), by=None)
    search.forget()
    people = {
        "s": stranger(),
        "m": signed_in(mallory, second_factor=False),
        "b": signed_in(bea.user, second_factor=True),
    }
    doors = [f"/fr/article/{page.slug}/", picture.address]
    lists = [
        "/fr/theme/tv/",
        "/fr/search/?q=codes+secrets",
        "/fr/complete/?q=codes",
        "/fr/suggest/?q=codes+secrets+du+decodeur",
    ]
    for letter, client in people.items():
        may = letter in readers
        assert [client.get(door).status_code for door in doors] == [200 if may else 404] * 2
        found = [page.slug in client.get(path).content.decode() for path in lists]
        assert found == [may] * len(lists), letter
        assert (page.slug in client.get("/sitemap.xml").content.decode()) is (
            visibility == "public"
        )
    vote = stranger().post(f"/fr/article/{page.slug}/vote/", {"helpful": "1"})
    assert vote.status_code == (302 if "s" in readers else 404)


def test_a_colleague_without_the_second_factor_reads_as_a_customer(mia):
    page = write("Pour nous", visibility="staff")
    assert signed_in(mia, second_factor=False).get(f"/fr/article/{page.slug}/").status_code == 404


def test_only_the_page_of_whoever_has_no_session_may_be_kept_by_others(ada_user):
    page = write("Titre", "<p>Un.</p>")
    address = f"/fr/article/{page.slug}/"
    first = stranger().get(address)
    assert "s-maxage=60" in first["Cache-Control"]
    assert not first.cookies
    assert b"csrfmiddlewaretoken" not in first.content
    assert first.content == stranger().get(address).content
    assert (
        signed_in(ada_user, second_factor=False).get(address)["Cache-Control"].startswith("private")
    )
    missing = stranger().get("/fr/article/nowhere/")
    assert "public" not in missing.get("Cache-Control", "")


def test_what_a_cached_page_sends_comes_from_our_own_pages_only():
    page = write("Titre", "<p>Un.</p>")
    vote = f"/fr/article/{page.slug}/vote/"
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
        assert stranger().post(vote, {"helpful": "0"}, headers=headers).status_code == 403
    reader = stranger()
    seen = f"/fr/article/{page.slug}/seen/"
    assert [reader.post(seen).status_code, reader.post(seen, {"seconds": "41"}).status_code] == [
        204
    ] * 2
    assert list(VisitStep.objects.values_list("kind", "target", "value")) == [
        ("article", page.article.external_id, 41)
    ]


@pytest.mark.parametrize(
    "body",
    [
        '<p>Un <b>mot</b> &amp; <a href="/a/?b=1&amp;c" rel="noopener noreferrer">lien</a></p>',
        "<table><tbody><tr><td>1 &lt; 2</td></tr></tbody></table>",
        '<figure><img src="/files/x/a.png" alt="Écran" width="3" height="4">'
        "<figcaption>L’écran &amp; moi</figcaption></figure>",
        "<ol><li>Un</li><li>Deux</li></ol><h2>Fin</h2>",
    ],
)  # fmt: skip
def test_a_text_comes_back_from_the_editor_as_it_went_in(body):
    assert rich_text.from_editor(rich_text.for_editor(body)) == body


def test_what_the_editor_was_made_to_hold_is_cleaned():
    held = '{"content":"<img src=x onerror=y()><script>z()</script>"}'
    evil = f"<figure data-trix-attachment='{held}'></figure><p onclick=x()>Bon</p><p><br></p>"
    stored = rich_text.from_editor(evil)
    assert stored == '<img src="x"><p>Bon</p>'


def test_the_room_publishes_sends_back_and_refuses_by_rights(mia, bea):
    made = draft(title="Titre")
    room = f"/console/articles/{made.article_id}/"
    address = f"{room}text/fr/"
    data = {
        "fr-title": "Mieux",
        "fr-body": "<p>Neuf.</p>",
        "fr-seen": "1",
        "fr-keywords": "un\ndeux",
    }
    assert (
        signed_in(bea.user, second_factor=True)
        .post(address, data | {"verb": "publish"})
        .status_code
        == 403
    )
    desk = signed_in(mia, second_factor=True)
    assert desk.get(room).status_code == 200
    assert desk.post(address, data | {"verb": "publish"}).status_code == 302
    page = Translation.objects.get()
    assert (page.title, page.keywords, page.body) == ("Mieux", ["un", "deux"], "<p>Neuf.</p>")
    stale = desk.post(address, data | {"verb": "save", "fr-title": "Trop tard"})
    assert stale.status_code == 409
    assert "Trop tard" in stale.content.decode()
    version = Version.objects.get()
    assert desk.get(f"{room}versions/{version.pk}/").status_code == 200
    assert desk.get(f"/fr/preview/{made.article_id}/").status_code == 200
    assert stranger().get(f"/fr/preview/{made.article_id}/").status_code == 404


def test_links_are_looked_at_and_only_the_broken_ones_listed(monkeypatch, settings):
    settings.CHECK_OTHER_SITES = True
    there = write("Là", "<p>Ici.</p>")
    links = [
        f"/fr/article/{there.slug}/",
        "/fr/article/non/",
        "https://gone.example/",
        "http://127.0.0.1/admin",
        "mailto:a@b.example",
    ]
    write("Ailleurs", "".join(f'<a href="{link}">x</a>' for link in links))
    asked = []

    def answer(address, method):
        asked.append(address)
        return "404"

    monkeypatch.setattr(link_check, "_asked", answer)
    where = {"127.0.0.1": "127.0.0.1", "gone.example": "93.184.216.34"}
    monkeypatch.setattr(
        link_check.socket,
        "getaddrinfo",
        lambda host, *_a, **_k: [(0, 0, 0, "", (where[host], 443))],
    )
    assert link_check.read_new() == 2
    assert link_check.check_due() == 4
    assert link_check.check_due() == 0
    broken = dict(link_check.broken().values_list("address", "trouble"))
    assert broken == {"/fr/article/non/": "missing", "https://gone.example/": "404"}
    assert set(asked) == {"https://gone.example/"}  # never our own network
    assert Audience.of("staff") == Audience.STAFF
