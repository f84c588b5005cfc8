"""What spreadsheets write comes in as it was meant, and goes out as nothing they would run."""

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import Customer, Identity, Import, OwnField
from crm.services import customers, transfer
from crm.services.transfer import reading
from tests.crm.tables import bring, counts, file, snapshot, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


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


def test_a_workbook_has_the_columns_of_its_head_and_no_more(mia):
    book = openpyxl.Workbook()
    book.active.append(["Numéro client", None, "Nom"])
    book.active.append(["C-1", "?", "Lenoir", "", "astray"])
    held = io.BytesIO()
    book.save(held)
    job = transfer.upload(SimpleUploadedFile("c.xlsx", held.getvalue()), by=mia)
    assert [bool(meaning) for meaning in job.mapping.values()] == [True, False, True]
    assert len(job.columns) == 3


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


def test_a_file_without_rows_says_so(mia):
    job = bring(mia, file("Numéro client;Nom\n"))
    assert job.state == "failed"
    assert job.error
