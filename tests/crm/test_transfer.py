"""Customers in and out by files: nothing twice, nothing lost, nothing that a spreadsheet runs."""

import csv
import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse

from crm.models import AuditEntry, Customer, Identity, Import, ImportRow, OwnField
from crm.services import customers, transfer
from crm.services.transfer import reading, running
from tests import factories
from tests.doors import signed_in

pytestmark = pytest.mark.django_db

HEAD = "Numéro client;Prénom;Nom;E-mail;Téléphone;Ville;Société;Langue\n"
ROWS = (
    "C-1;Ada;Lenoir;ada@lenoir.example;06 12 34 56 78;Rennes;Lumio;fr\n"
    "C-2;Zoé;Blanc;zoe@blanc.example;;Brest;;\n"
    "C-3;Ugo;Faure;pas-une-adresse;;;;\n"
    ";Sans;Clef;;;;;\n"
)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def file(text=HEAD + ROWS, name="clients.csv", encoding="utf-8"):
    return SimpleUploadedFile(name, text.encode(encoding))


def bring(by, upload=None, *, dry=False):
    job = transfer.upload(upload or file(), by=by)
    transfer.start(job, job.mapping, dry=dry)
    while transfer.advance_due():
        pass
    job.refresh_from_db()
    return job


def workbook(lines):
    with transfer.xlsx_file(lines) as held:
        return held.read()


def counts(job):
    return (job.created, job.changed, job.same, job.failed)


def snapshot():
    return (
        list(Customer.objects.order_by("pk").values()),
        list(Identity.objects.order_by("pk").values()),
    )


def test_headings_get_their_meaning_by_themselves(mia):
    job = transfer.upload(file(), by=mia)
    assert list(job.mapping.values()) == [
        "external", "first_name", "last_name", "mail", "phone", "town", "organisation", "language",
    ]  # fmt: skip


def test_a_dry_run_tells_everything_and_changes_nothing(mia):
    before = snapshot()
    job = bring(mia, dry=True)
    assert (job.state, counts(job)) == ("tried", (2, 0, 0, 2))
    assert snapshot() == before
    transfer.start(job, job.mapping, dry=False)
    transfer.advance_due()
    job.refresh_from_db()
    assert (job.state, counts(job)) == ("done", (2, 0, 0, 2))
    ada = customers.find("phone", "+33612345678")
    assert (ada.full_name, ada.town, ada.organisation.name) == ("Ada Lenoir", "Rennes", "Lumio")
    assert ada.name_key == "lenoir ada"
    assert Identity.objects.get(kind="external", value="C-1").customer == ada


def test_importing_twice_changes_nothing(mia):
    bring(mia)
    before = snapshot()
    assert counts(bring(mia)) == (0, 0, 2, 2)
    assert snapshot() == before


def test_an_empty_cell_empties_nothing_and_another_value_changes(mia):
    bring(mia)
    job = bring(mia, file("Numéro client;Ville;Prénom\nC-1;Nantes;\n"))
    assert counts(job) == (0, 1, 0, 0)
    ada = customers.find("external", "C-1")
    assert (ada.town, ada.first_name) == ("Nantes", "Ada")


def test_somebody_known_by_mail_gets_the_number_and_no_double(mia, ada):
    job = bring(mia)
    assert counts(job) == (1, 1, 0, 2)
    assert customers.find("external", "C-1") == ada


def test_identities_of_two_people_refuse_the_row(mia, ada):
    other = factories.CustomerFactory()
    factories.IdentityFactory(customer=other, kind="external", value="C-1")
    job = bring(mia)
    assert counts(job) == (1, 0, 0, 3)
    assert job.rows.get(number=2).message


def test_the_same_person_twice_in_one_file_is_one(mia):
    job = bring(mia, file("Numéro client;Nom;Ville\nC-1;Lenoir;Rennes\nC-1;Lenoir;Brest\n"))
    assert counts(job) == (1, 1, 0, 0)
    assert customers.find("external", "C-1").town == "Brest"
    assert Customer.objects.count() == 1


def test_own_fields_come_in_and_go_out(mia):
    OwnField.objects.create(
        about="customer", key="box", kind="number", name_fr="Numéro de box", name_en="Box"
    )
    bad = bring(mia, file("Numéro client;Numéro de box\nC-1;12\nC-2;douze\n"))
    assert counts(bad) == (1, 0, 0, 1)
    text = "".join(transfer.csv_rows(transfer.table(Customer.objects.all())))
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert rows[0]["box"] == "12"


def test_a_killed_worker_loses_nothing(mia, monkeypatch):
    monkeypatch.setattr(running, "HANDFUL", 3)
    lines = "".join(f"C-{n};Client{n}\n" for n in range(10))
    job = transfer.upload(file("Numéro client;Nom\n" + lines), by=mia)
    transfer.start(job, job.mapping, dry=False)
    running.advance(job.pk)  # reads the file
    running.advance(job.pk)
    apply = running.APPLY["customer"]

    def dies(*given):
        apply(*given)
        raise KeyboardInterrupt

    monkeypatch.setitem(running.APPLY, "customer", dies)
    with pytest.raises(KeyboardInterrupt):
        running.advance(job.pk)
    monkeypatch.setitem(running.APPLY, "customer", apply)
    assert Customer.objects.count() == 3
    while transfer.advance_due():
        pass
    job.refresh_from_db()
    assert (job.handled, counts(job)) == (10, (10, 0, 0, 0))
    assert Customer.objects.count() == 10


def test_xlsx_comes_in_like_csv_and_goes_out(mia):
    book = openpyxl.Workbook()
    book.active.append(["Numéro client", "Nom", "Téléphone"])
    book.active.append([17.0, "Lenoir", "0612345678"])
    held = io.BytesIO()
    book.save(held)
    job = bring(mia, SimpleUploadedFile("c.xlsx", held.getvalue()))
    assert counts(job) == (1, 0, 0, 0)
    assert customers.find("external", "17").last_name == "Lenoir"


def test_a_workbook_holds_numbers_days_and_texts_that_are_never_run(mia, ada):
    for key, kind in (("box", "number"), ("since", "date"), ("fibre", "boolean")):
        OwnField.objects.create(about="customer", key=key, kind=kind, name_fr=key, name_en=key)
    ada.own = {"box": -12.5, "since": "2026-11-22", "fibre": False}
    ada.first_name, ada.last_name, ada.town = "=1+1", "Lenoir\x0b é", "#N/A"
    ada.save()
    customers.add_identity(ada, "phone", "06 12 34 56 78")
    customers.add_identity(ada, "mail", "ada@other.example")
    book = openpyxl.load_workbook(io.BytesIO(workbook(transfer.table(Customer.objects.all()))))
    head, row = book.active.iter_rows()
    cells = {name.value: (one.data_type, one.value) for name, one in zip(head, row, strict=True)}
    assert cells["first_name"] == ("s", "=1+1")
    assert cells["last_name"] == ("s", "Lenoir é")
    assert cells["town"] == ("s", "#N/A")
    assert cells["phone"] == ("s", "+33612345678")
    assert cells["mail"] == ("s", "ada@lenoir.example; ada@other.example")
    assert cells["box"] == ("n", -12.5)
    assert cells["since"] == ("d", datetime(2026, 11, 22))  # noqa: DTZ001 (workbooks know no zones)
    assert cells["fibre"] == ("b", False)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_went_out_comes_in_and_changes_nothing(mia, ada, form):
    for key, kind in (("box", "number"), ("since", "date"), ("fibre", "boolean")):
        OwnField.objects.create(about="customer", key=key, kind=kind, name_fr=key, name_en=key)
    ada.own = {"box": -12, "since": "2026-11-22", "fibre": True}
    ada.first_name, ada.town = "=HYPERLINK(1)", "@cmd"
    ada.save()
    for kind, value in (("phone", "06 12 34 56 78"), ("phone", "01 99 00 11 22"),
                        ("mail", "ada@other.example"), ("external", "C-1")):  # fmt: skip
        customers.add_identity(ada, kind, value)
    lines = transfer.table(Customer.objects.all())
    if form == "csv":
        text = "".join(transfer.csv_rows(lines))
        assert "'=HYPERLINK" in text
        assert "'@cmd" in text
        assert "'+33612345678" in text
        upload = file(text)
    else:
        upload = SimpleUploadedFile("c.xlsx", workbook(lines))
    before = snapshot()
    assert counts(bring(mia, upload)) == (0, 0, 1, 0)
    assert snapshot() == before


def test_a_workbook_of_days_and_numbers_comes_in(mia):
    OwnField.objects.create(
        about="customer", key="since", kind="date", name_fr="Depuis", name_en="Since"
    )
    book = openpyxl.Workbook()
    book.active.append(["Numéro client", "Téléphone", "Depuis"])
    book.active.append([17, 612345678, datetime(2026, 11, 22)])  # noqa: DTZ001
    held = io.BytesIO()
    book.save(held)
    assert counts(bring(mia, SimpleUploadedFile("c.xlsx", held.getvalue()))) == (1, 0, 0, 0)
    person = customers.find("phone", "06 12 34 56 78")
    assert person.own == {"since": "2026-11-22"}


@pytest.mark.parametrize(
    ("name", "held"),
    [("a.xlsx", b"\x00\x01\n"), ("a.xlsx", b""), ("a.csv", b""), ("a.csv", b"\n\n"),
     ("a.csv", b'"never closed' * 20_000)],
    ids=["no workbook", "empty workbook", "empty", "only lines", "never closed"],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_words(mia, name, held):
    with pytest.raises(transfer.BadFile):
        transfer.upload(SimpleUploadedFile(name, held), by=mia)
    assert not Import.objects.exists()


def test_a_small_workbook_that_unpacks_to_anything_is_refused(mia, monkeypatch):
    monkeypatch.setattr(reading, "_MOST_TEXTS", 10_000)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b" " * 10_001)
    with pytest.raises(transfer.BadFile, match="too large|trop grand"):
        transfer.upload(SimpleUploadedFile("a.xlsx", held.getvalue()), by=mia)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_whatever_a_spreadsheet_writes_is_read(mia, encoding):
    bring(mia, file("Numéro client;Nom\r\nC-9;Hélène\r\n", encoding=encoding))
    assert customers.find("external", "C-9").last_name == "Hélène"


def test_the_same_heading_twice_is_two_columns(mia):
    text = "Numéro client;Mail;Mail\nC-1;a@x.example;b@x.example\nC-2;c@x.example;c@x.example\n"
    job = transfer.upload(file(text), by=mia)
    assert list(job.mapping.items()) == [
        ("Numéro client", "external"), ("Mail", "mail"), ("Mail (3)", ""),
    ]  # fmt: skip
    transfer.start(job, job.mapping | {"Mail (3)": "mail"}, dry=False)
    transfer.advance_due()
    assert customers.find("mail", "b@x.example") == customers.find("external", "C-1")
    assert Identity.objects.filter(value="c@x.example").count() == 1


def test_rows_of_every_evil_are_refused_one_by_one(mia):
    rows = ["C-1;Bonne", f"C-2;{'x' * 5000}", "C\x00-3;Zéro\x00", "C-4", "C-5;;;;;;", ";", "",
            f"{'9' * 300};Trop", '"C-6";"deux\nlignes"']  # fmt: skip
    job = bring(mia, file("Numéro client;Nom\n" + "\n".join(rows)))
    assert counts(job) == (5, 0, 0, 2)
    assert customers.find("external", "C-3").last_name == "Zéro"
    assert job.state == "done"


def test_a_file_without_rows_says_so(mia):
    job = bring(mia, file("Numéro client;Nom\n"))
    assert job.state == "failed"
    assert job.error


def test_what_only_the_database_refuses_costs_one_row(mia, monkeypatch):
    apply = running.APPLY["customer"]

    def refuses(lines):
        apply(lines)
        if any("C-2" in dict(line.cells).values() for line in lines):
            raise IntegrityError

    monkeypatch.setitem(running.APPLY, "customer", refuses)
    assert counts(bring(mia)) == (1, 0, 0, 3)
    assert customers.find("external", "C-1")


def test_the_file_goes_as_soon_as_its_rows_are_stored(mia, django_capture_on_commit_callbacks):
    job = transfer.upload(file(), by=mia)
    transfer.start(job, job.mapping, dry=True)
    with django_capture_on_commit_callbacks(execute=True):
        transfer.advance_due()
    stored = job.file.name
    job.refresh_from_db()
    assert (job.file.name, job.file.storage.exists(stored)) == ("", False)


def test_refused_rows_can_be_mended_and_sent_again(mia):
    job = bring(mia)
    client = signed_in(mia, second_factor=True)
    answer = client.get(reverse("admin:import_refused", args=[job.pk]))
    text = b"".join(answer.streaming_content).decode()
    assert "pas-une-adresse" in text
    assert "C-1" not in text


def test_console_from_upload_to_import(mia):
    client = signed_in(mia, second_factor=True)
    client.post(reverse("admin:import_upload"), {"file": file()})
    job = Import.objects.get()
    url = reverse("admin:import", args=[job.pk])
    assert client.get(url).status_code == 200
    fields = {f"column-{n}": job.mapping[c] for n, c in enumerate(job.columns)}
    client.post(reverse("admin:import_start", args=[job.pk]), fields)
    while transfer.advance_due():
        pass
    assert not Customer.objects.exists()
    client.post(reverse("admin:import_start", args=[job.pk]), fields | {"real": "1"})
    while transfer.advance_due():
        pass
    assert Customer.objects.count() == 2
    assert client.get(reverse("admin:import_status", args=[job.pk])).json()["created"] == 2
    assert AuditEntry.objects.get(verb="imported").actor_id == mia.pk
    out = client.post(reverse("admin:export_customers"), {"format": "csv"})
    assert "Lenoir" in b"".join(out.streaming_content).decode()
    assert AuditEntry.objects.filter(verb="exported", actor_id=mia.pk, count=2).exists()


def test_the_api_does_what_the_console_does(mia):
    client = signed_in(mia, second_factor=True)
    job = client.post("/api/v1/imports/", {"file": file()}).json()
    asked = {"mapping": job["mapping"], "dry": False}
    client.post(f"/api/v1/imports/{job['id']}/start/", asked, "application/json")
    while transfer.advance_due():
        pass
    assert client.get(f"/api/v1/imports/{job['id']}/").json()["created"] == 2
    out = client.post("/api/v1/exports/", {}, "application/json")
    assert "Lenoir" in b"".join(out.streaming_content).decode()
    out = client.post("/api/v1/exports/", {"form": "xlsx"}, "application/json")
    assert b"".join(out.streaming_content)[:2] == b"PK"


def test_agents_and_strangers_neither_import_nor_export(bea, mallory, mia, ada):
    job = transfer.upload(file(), by=mia)
    for user in (bea.user, mallory):
        client = signed_in(user, second_factor=True)
        for answer in (
            client.get(reverse("admin:transfer")),
            client.post(reverse("admin:import_upload"), {"file": file()}),
            client.get(reverse("admin:import", args=[job.pk])),
            client.post(reverse("admin:import_start", args=[job.pk]), {"real": "1"}),
            client.get(reverse("admin:import_refused", args=[job.pk])),
            client.post(reverse("admin:export_customers"), {"format": "csv"}),
            client.post("/api/v1/exports/"),
            client.post("/api/v1/imports/", {"file": file()}),
        ):
            assert answer.status_code in (302, 403), answer.wsgi_request.path
    assert Import.objects.count() == 1
    assert not ImportRow.objects.exists()
