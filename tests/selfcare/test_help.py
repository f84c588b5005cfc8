"""The help pages, as people and search engines read them, without JavaScript."""

import json
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from crm.models import Visit, VisitStep
from selfcare.models import Vote
from selfcare.services import articles
from selfcare.views import help, site
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db
ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1)"


@pytest.fixture
def page(remote):
    return write(
        "Ma télécommande ne répond plus",
        "<ol><li>Changez les piles.</li></ol>",
        subject=remote,
        summary="Deux piles, puis l’appairage.",
    )


def read(client, path: str, status: int = 200, **more) -> str:
    answer = client.get(path, **more)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_bare_address_leads_to_the_readers_language(client):
    assert client.get("/")["Location"] == "/fr/"
    assert client.get("/", headers={"accept-language": "en"})["Location"] == "/en/"


def test_an_article_is_readable_and_says_who_is_there(client, page):
    text = read(client, f"/fr/article/{page.slug}/")
    assert "<li>Changez les piles.</li>" in text
    assert f"<title>{page.title}" in text
    assert f'<link rel="canonical" href="http://localhost:8000/fr/article/{page.slug}/">' in text


def test_structured_data_is_json_that_cannot_end_its_script(client):
    page = write("Un titre </script><b>", "<p>Corps & âme</p>")
    text = read(client, f"/fr/article/{page.slug}/")
    raw = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', text, re.S)[1]
    faq = json.loads(raw)["@graph"][0]
    assert faq["@type"] == "FAQPage"
    assert faq["mainEntity"][0]["name"] == page.title
    assert faq["mainEntity"][0]["acceptedAnswer"]["text"] == page.body


def test_the_language_switch_keeps_the_article(client, page):
    write("My remote no longer answers", language="en", article=page.article)
    text = read(client, f"/fr/article/{page.slug}/")
    assert 'hreflang="en" href="http://localhost:8000/en/article/my-remote-no-longer' in text


def test_a_hidden_article_has_no_page_no_line_and_no_place_in_the_map(client, page):
    page.title = "Ma télécommande"
    page.slug = "ma-telecommande"
    articles.save(page)
    articles.publish(page.article, published=False)
    read(client, "/fr/article/ma-telecommande/", 404)
    read(client, "/fr/article/ma-telecommande-ne-repond-plus/", 404)  # nor its former address
    for path in ("/sitemap.xml", "/fr/", "/fr/theme/tv/", "/fr/search/?q=ma+telecommande"):
        assert "/article/ma-telecommande" not in read(client, path)
    assert client.post("/fr/article/ma-telecommande/vote/", {"helpful": "1"}).status_code == 404


def test_what_is_read_and_searched_belongs_to_one_visit(client, page):
    read(client, "/fr/")
    assert not Visit.objects.exists()  # looking around begins nothing
    read(client, "/fr/search/?q=telecommande")
    read(client, f"/fr/article/{page.slug}/")
    steps = VisitStep.objects.values_list("kind", "label", "value")
    assert list(steps) == [("search", "telecommande", 1), ("article", page.title, None)]
    assert Visit.objects.count() == 1


def test_what_was_typed_before_a_completion_is_a_search_and_the_address_stays_clean(client, page):
    address = f"/fr/article/{page.slug}/"
    answer = client.get(address, {"q": "ma télécommande l"})
    assert (answer.status_code, answer.url) == (302, address)
    read(client, address)
    steps = VisitStep.objects.order_by("pk").values_list("kind", "label")
    assert list(steps) == [("search", "ma télécommande l"), ("article", page.title)]


def test_robots_and_colleagues_leave_no_visit(client, page, bea):
    read(client, f"/fr/article/{page.slug}/", headers={"user-agent": ROBOT})
    client.force_login(bea.user)
    read(client, f"/fr/article/{page.slug}/")
    assert not Visit.objects.exists()


def test_a_visit_votes_once_and_may_change_its_mind(client, page):
    address = f"/fr/article/{page.slug}/vote/"
    for helpful in ("1", "1", "0"):
        assert client.post(address, {"helpful": helpful}).status_code == 302
    assert Vote.objects.get().helpful is False
    text = read(client, f"/fr/article/{page.slug}/")
    assert "/fr/contact/?subject=" in text  # the ways to go on
    client.post(address, {"helpful": "0", "reason": "Il manque <b>l’image</b>"})
    assert Vote.objects.get().reason == "Il manque <b>l’image</b>"


@pytest.mark.parametrize("bad", ["", "2", "yes", "\x00"])
def test_a_vote_that_is_none_is_refused(client, page, bad):
    answer = client.post(f"/fr/article/{page.slug}/vote/", {"helpful": bad})
    assert answer.status_code == 400
    assert not Vote.objects.exists()


def test_without_a_sure_answer_people_come_first(client, page):
    text = read(client, "/fr/search/?q=telecommande+pour+ouvrir+la+porte+du+garage+de+ma+tante")
    ways, perhaps = text.find('class="ways"'), text.find(f"/article/{page.slug}/")
    assert ways > 0
    assert perhaps == -1 or ways < perhaps


@pytest.mark.parametrize("asked", ["<script>x</script>", "\x00\x01", "%", "é" * 3000, "' OR 1=1"])
def test_whatever_is_typed_the_search_answers(client, page, asked):
    text = client.get("/fr/search/", {"q": asked})
    assert text.status_code == 200
    assert "<script>x" not in text.content.decode()
    assert client.get("/fr/complete/", {"q": asked}).status_code == 200


def test_completion_speaks_json(client, page):
    items = client.get("/fr/complete/", {"q": "ma telec"}).json()["items"]
    assert items == [{"title": page.title, "url": f"/fr/article/{page.slug}/"}]


def test_the_map_lists_each_page_with_its_translations(client, page):
    write("My remote", language="en", article=page.article)
    text = read(client, "/sitemap.xml")
    assert text.count("<loc>") == 6  # home, shelf and article, twice
    assert "/sitemap.xml" in read(client, "/robots.txt")


@pytest.mark.parametrize("path", ["/fr/", "/fr/theme/tv/", "/sitemap.xml", "/fr/search/?q=titre"])
def test_a_page_asks_the_same_whether_there_are_2_articles_or_60(client, remote, path):
    def queries() -> int:
        client.get(path)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(path)
        return len(asked)

    for number in range(2):
        write(f"Titre {number}", subject=remote)
    few = queries()
    for number in range(58):
        write(f"Autre titre {number}", subject=remote)
    assert queries() <= few


def test_a_long_shelf_is_read_page_by_page(client, remote, monkeypatch):
    monkeypatch.setattr(help, "_ON_A_PAGE", 2)
    for number in range(3):
        write(f"Titre {number}", subject=remote)
    first, second = read(client, "/fr/theme/tv/"), read(client, "/fr/theme/tv/?page=2")
    assert ("Titre 1" in first, "Titre 2" in first) == (True, False)
    assert "Titre 2" in second
    assert 'rel="canonical" href="http://testserver/fr/theme/tv/?page=2"' in second.replace(
        settings.PORTAL_URL, "http://testserver"
    )
    assert "Titre 2" in read(client, "/fr/theme/tv/?page=999")


@pytest.mark.parametrize("path", ["/fr/accessibility/", "/en/privacy/", "/fr/contact/", "/en/"])
def test_every_page_stands_without_any_article(client, db, path):
    assert escape("Lumio") in read(client, path)


def test_a_renamed_category_leads_to_its_new_address(client, page, mia):
    shelf = page.article.category
    old = shelf.slug
    shelf.slug = "tele"
    articles.save_shelf(shelf)
    moved = client.get(f"/fr/theme/{old}/")
    assert (moved.status_code, moved["Location"]) == (301, "/fr/theme/tele/")
    read(client, "/fr/theme/tele/")
    read(client, "/fr/theme/nowhere/", 404)
    shelf.slug = old  # and back: whoever lives at an address owns it
    articles.save_shelf(shelf)
    read(client, f"/fr/theme/{old}/")
    assert client.get("/fr/theme/tele/")["Location"] == f"/fr/theme/{old}/"


def test_what_is_too_much_for_one_map_comes_in_parts(client, page, monkeypatch):
    others = [write(f"Article {n}", "<p>Texte</p>").slug for n in range(4)]
    write("Article 0", "<p>Text</p>", language="en", article=page.article)
    monkeypatch.setattr(site, "_IN_A_MAP", 2)
    listed = re.findall("<loc>(.*?)</loc>", read(client, "/sitemap.xml"))
    assert [address.rsplit("/", 1)[1] for address in listed] == [
        "sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml",
    ]  # fmt: skip
    parts = [read(client, f"/sitemap-{n}.xml") for n in (1, 2, 3)]
    together = "".join(parts)
    for slug in [page.slug, *others]:
        assert together.count(f"/fr/article/{slug}/</loc>") == 1
    assert "/fr/theme/" in parts[0]
    assert "/fr/theme/" not in parts[1]
    assert 'hreflang="en"' in parts[0]
    read(client, "/sitemap-4.xml", 404)
    read(client, "/sitemap-0.xml", 404)
