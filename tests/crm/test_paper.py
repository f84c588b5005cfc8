"""Pages of figures as PDF: drawn by a worker for who asked, as that person would see the page."""

import pytest
from django.urls import reverse
from django.utils import translation

from crm.models import Export
from crm.reports import paper
from crm.services import transfer
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
PAGES = [
    "reports", "report_channels", "report_by", "report_monday", "report_intraday",
    "report_satisfaction", "report_journeys", "report_teams", "chat_figures", "autonomy",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def _english(mia):
    mia.language = "en"
    mia.save()
    with translation.override("en"):
        yield


def asked(client, name, query=""):
    return client.post(reverse("admin:export_page"), {"page": name, "query": query})


def test_a_page_is_asked_for_with_one_button_and_taken_as_a_file(mias, mia, box_queue):
    door = reverse("admin:report_satisfaction") + "?days=28&queue=box"
    assert reverse("admin:export_page") in mias.get(door).content.decode()
    job = asked(mias, "report_satisfaction", "days=28&queue=box").url
    assert mias.get(job + "status/").json()["running"]
    assert transfer.write_next()
    assert mias.get(job + "status/").json() == {"running": False, "total": 2, "handled": 2}
    out = mias.get(job + "file/")
    assert b"".join(out.streaming_content).startswith(b"%PDF-")
    assert out["Content-Disposition"].endswith('.pdf"')


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_a_paper_form_with_who_made_it(name, mia):
    html = paper.page(name, "", mia)
    assert "Made by Mia Fontaine" in html
    assert "nav-sidebar" not in html
    assert 'action="/console/transfer/export/page/"' not in html


def test_paper_names_the_days_the_filter_and_the_language(mia, box_queue):
    with translation.override("fr"):
        html = paper.page("reports", "from=2026-11-02&to=2026-11-08&queue=box", mia)
    assert "2 novembre 2026 – 8 novembre 2026" in html
    assert "Assistance box" in html
    assert '<html lang="fr">' in html


def test_only_who_sees_a_page_gets_it(mia, beas, mallory):
    for client in (beas, signed_in(mallory, second_factor=True)):
        assert asked(client, "reports").status_code in (302, 403)
    assert not Export.objects.exists()
    job = transfer.ask("", "pdf", by=mia, page="reports")
    mia.groups.clear()  # between the question and the answer
    assert transfer.write_next()
    job.refresh_from_db()
    assert (job.state, bool(job.file)) == ("failed", False)
    assert job.error == "There is no such page for you any more."


@pytest.mark.parametrize(("page", "query"), [
    ("nothing", ""), ("crm_customer_changelist", ""), ("reports", "x" * 1001), ("", ""),
])  # fmt: skip
def test_what_is_no_page_of_figures_is_refused(mias, page, query):
    assert asked(mias, page, query).status_code == 400
    wrong = {"form": "pdf", "page": page, "query": query}
    assert mias.post("/api/v1/exports/", wrong, "application/json").status_code == 400
    assert not Export.objects.exists()


def test_a_question_that_makes_no_sense_fails_in_words(mias, mia):
    asked(mias, "reports", "queue=gone")
    assert transfer.write_next()
    assert "something that is gone" in Export.objects.get().error


def test_without_the_libraries_the_page_says_what_to_install(mias, mia, monkeypatch):
    monkeypatch.setattr(paper, "find_library", lambda name: None)
    paper.is_possible.cache_clear()
    try:
        page = mias.get(reverse("admin:reports")).content.decode()
    finally:
        paper.is_possible.cache_clear()
    assert "apt install libpango-1.0-0 libpangoft2-1.0-0" in page
    assert "data-print" in page
    assert reverse("admin:export_page") not in page


def test_drawing_opens_no_address(tmp_path):
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"x")
    opened = []
    for url in ("http://192.0.2.1/x.png", f"file://{secret}", "/static/crm/tokens.css"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("urllib.request.OpenerDirector.open", lambda *a, **k: opened.append(a))
            assert paper.pdf(f'<img src="{url}">').startswith(b"%PDF-")
    assert not opened


def test_a_page_that_is_too_long_says_so(mia, monkeypatch):
    monkeypatch.setattr(paper, "_MOST", 100)
    with pytest.raises(paper.NotPrinted, match="fewer days"):
        paper.page("reports", "", mia)
