"""Pictures, films and documents of articles: taken in, given out, brought along by an import."""

import io
import json
import uuid
import zipfile

import pytest
from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.services import transfer
from crm.text import tight
from selfcare.models import ArticleFile, Translation
from selfcare.services import article_formats, articles, files, importing, rich_text
from tests.factories import ArticleFactory
from tests.selfcare.helpdesk import write

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 10


def test_files_are_what_their_first_bytes_say_and_kept_once():
    article = ArticleFactory()
    first = files.add(article, SimpleUploadedFile("../Écran n° 1.PNG", PNG), by=None)
    again = files.add(article, SimpleUploadedFile("autre.png", PNG), by=None)
    assert (first.pk, first.name, first.content_type) == (again.pk, "Écran-n-1.png", "image/png")
    for name, content in (
        ("a.txt", b"<svg onload=x()>"),
        ("a.pdf", b"MZ\x00"),
        ("a.exe", b"MZ\x00"),
        ("a", b""),
    ):
        with pytest.raises(files.Refused):
            files.add(article, SimpleUploadedFile(name, content), by=None)


def test_nobody_is_given_a_file_before_the_virus_scanners_word(client, settings, clamd):
    text = write("Brancher la box", "<p>Ainsi</p>")
    good = files.add(text.article, SimpleUploadedFile("a.txt", b"du texte"), by=None)
    assert (good.scan, client.get(good.address).status_code) == ("clean", 200)
    with pytest.raises(files.Refused, match="infected"):
        files.add(text.article, SimpleUploadedFile("b.txt", b"EICAR"), by=None)
    settings.CLAMD, working = "tcp://127.0.0.1:9", settings.CLAMD
    waits = files.add(text.article, SimpleUploadedFile("c.txt", b"EICAR c"), by=None)
    later = files.add(text.article, ContentFile(FILM, "d.mp4"), by=None, key=uuid.uuid4())
    assert client.get(waits.address).status_code == client.get(later.address).status_code == 404
    assert files.scan() == 0
    settings.CLAMD = working
    assert files.scan() == 2
    assert client.get(waits.address).status_code == 404
    assert client.get(later.address).status_code == 200


@pytest.mark.parametrize("door", ["api", "console", "list"])
def test_an_article_goes_with_the_bytes_of_its_files(
    door, root, django_capture_on_commit_callbacks
):
    article = write("Brancher la box", "<p>Ainsi</p>").article
    kept = files.add(article, ContentFile(PNG, "plan.png"), by=None)
    bytes_of = kept.file.storage.exists
    name = str(kept.file.name)
    assert bytes_of(name)
    client = root  # signed in
    lists = "/console/selfcare/article/"
    ask = {
        "api": lambda: client.delete(f"/api/v1/articles/{article.pk}/"),
        "console": lambda: client.post(f"{lists}{article.pk}/delete/", {"post": "yes"}),
        "list": lambda: client.post(
            lists, {"action": "delete_selected", "_selected_action": article.pk, "post": "yes"}
        ),
    }[door]
    with django_capture_on_commit_callbacks(execute=True):
        assert ask().status_code in (204, 302)
    assert not Translation.objects.exists()
    assert not bytes_of(name)


def test_a_document_is_a_download_and_never_a_page(client):
    page = write("Titre")
    made = files.add(page.article, SimpleUploadedFile("a.txt", b"du texte"), by=None)
    answer = client.get(made.address)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("form", ["zip", "md"])
def test_pictures_go_out_with_their_articles_and_come_back_to_their_addresses(mias, client, form):
    text = write("Brancher la box", "<p>Ainsi</p>")
    picture = files.add(text.article, ContentFile(PNG, "plan.png"), by=None)
    text.body = f'<p><img src="{picture.address}" alt=""></p>'
    articles.save(text)
    page = mias.post("/console/editors/export/", {"format": form}).url
    assert mias.get(page + "status/").json()["running"]
    assert transfer.write_next()
    assert mias.get(page + "status/").json() == {"running": False, "total": 2, "handled": 2}
    archive = b"".join(mias.get(page + "file/"))
    files.remove(picture)
    text.article.delete()
    assert client.get(picture.address).status_code == 404

    tried = importing.try_rows(article_formats.parse("all.zip", archive))
    assert (tried.made, ArticleFile.objects.count()) == (1, 0)
    importing.import_rows(article_formats.parse("all.zip", archive))
    again = Translation.objects.get()
    assert tight(again.body) == text.body
    assert b"".join(client.get(picture.address)) == PNG
    assert importing.import_rows(article_formats.parse("all.zip", archive)).same == 1
    assert ArticleFile.objects.count() == 1


def test_an_archive_that_lacks_a_file_is_refused_whole():
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        line = {"external_id": "a", "language": "fr", "title": "A", "body": "B"}
        line["files"] = [{"key": str(uuid.uuid4()), "name": "x.png"}]
        archive.writestr("articles.jsonl", json.dumps(line))
    with pytest.raises(importing.BadFile, match="line 1"):
        importing.import_rows(article_formats.parse("all.zip", inside.getvalue()))
    assert not Translation.objects.exists()


def test_a_film_may_be_larger_than_a_picture_and_no_more(monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 1000)
    monkeypatch.setattr(files, "LARGEST_FILM", 4000)
    article = ArticleFactory()
    film = files.add(article, SimpleUploadedFile("Pose.MP4", FILM), by=None)
    assert (film.name, film.is_film, film.size) == ("Pose.mp4", True, len(FILM))
    with film.file.open() as opened:
        assert opened.read() == FILM
    assert files.add(article, SimpleUploadedFile("again.mp4", FILM), by=None) == film
    for name, content in (("b.mp4", FILM * 2), ("a.png", PNG * 100)):
        with pytest.raises(files.Refused, match="size"):
            files.add(article, SimpleUploadedFile(name, content), by=None)


def test_a_film_is_given_piece_by_piece(client):
    page = write("Titre")
    film = files.add(page.article, SimpleUploadedFile("a.mp4", FILM), by=None)
    for asked, place in (
        ("bytes=0-9", slice(0, 10)),
        ("bytes=2000-", slice(2000, None)),
        ("bytes=-7", slice(-7, None)),
    ):
        piece = client.get(film.address, headers={"Range": asked})
        assert (piece.status_code, piece.content) == (206, FILM[place])
    assert piece["Content-Range"] == f"bytes {len(FILM) - 7}-{len(FILM) - 1}/{len(FILM)}"
    assert client.get(film.address, headers={"Range": "bytes=9999-"}).status_code == 416

    async def everything(answer):
        return b"".join([part async for part in answer])

    for asked in ("", "bytes=-", "lines=1-2", "bytes=0-1,5-6"):
        whole = client.get(film.address, headers={"Range": asked})
        assert (whole.status_code, whole["Content-Type"]) == (200, "video/mp4")
        assert async_to_sync(everything)(whole) == FILM


def test_a_film_that_was_dropped_into_a_text_is_shown_there():
    said = {"contentType": "video/mp4", "url": "/files/x/a.mp4", "href": "/files/x/a.mp4"}
    attachment = json.dumps(said).replace('"', "&quot;")
    stored = rich_text.from_editor(f'<figure data-trix-attachment="{attachment}"></figure>')
    assert stored == '<figure><video src="/files/x/a.mp4" controls=""></video></figure>'
    assert rich_text.from_editor(rich_text.for_editor(stored)) == stored


def _folder(**more: bytes) -> bytes:
    """A ZIP of Markdown in two languages, with what lies beside it."""
    lies = {
        "fr/tv/pose.md": b"# Poser\n\n![Le plan](../../img/plan.png) [Suite](./suite.md#a)",
        "en/tv/pose.md": b'# Mount\n\n<img src="plan%20en.png" alt="The plan">',
        "fr/tv/suite.md": b"# La suite\n\n[Site](https://lumio.example/) [Aide](/fr/)",
        "img/plan.png": PNG,
        "en/tv/plan en.png": PNG + b"en",
    } | more
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for place, content in lies.items():
            archive.writestr(place, content)
    return made.getvalue()


def test_pictures_beside_markdown_come_along_and_its_links_lead_to_the_articles(client):
    archive = _folder()
    tried = importing.try_rows(article_formats.parse("all.zip", archive))
    assert (tried.made, ArticleFile.objects.count()) == (3, 0)
    importing.import_rows(article_formats.parse("all.zip", archive))
    french, english = (
        Translation.objects.get(article__external_id="pose", language=code) for code in ("fr", "en")
    )
    plan, english_plan = ArticleFile.objects.order_by("size")
    assert f'<img src="{plan.address}" alt="Le plan">' in french.body
    assert '<a href="/fr/article/la-suite/"' in french.body
    assert f'src="{english_plan.address}"' in english.body
    assert b"".join(client.get(plan.address)) == PNG
    assert client.get("/fr/article/la-suite/").status_code == 200
    again = importing.import_rows(article_formats.parse("all.zip", archive))
    assert (again.same, ArticleFile.objects.count()) == (3, 2)


@pytest.mark.parametrize("text", ["![](gone.png)", "![](../../../etc/passwd)", "[x](gone.md)"])
def test_what_a_text_shows_and_does_not_bring_is_named_and_nothing_is_stored(text):
    with pytest.raises(importing.BadFile, match=r"fr/a\.md: .*is not there"):
        importing.import_rows(
            article_formats.parse("a.zip", _folder(**{"fr/a.md": f"# A\n\n{text}".encode()}))
        )
    assert not Translation.objects.exists()


def test_what_is_no_picture_film_or_document_is_refused_before_anything_is_stored():
    bad = {"fr/a.md": b"# A\n\n![](a.svg)", "fr/a.svg": b"<svg onload=x()>"}
    with pytest.raises(importing.BadFile, match="a.svg"):
        importing.try_rows(article_formats.parse("a.zip", _folder(**bad)))
