"""Customers in and out by files: nothing twice, nothing lost, nothing that a spreadsheet runs."""

import csv
import io

import pytest
from django.db import IntegrityError
from django.urls import reverse

from crm.models import AuditEntry, Customer, Identity, Import, ImportRow, OwnField
from crm.services import customers, transfer
from crm.services.transfer import running
from tests import factories
from tests.crm.tables import bring, counts, file, snapshot
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


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


def test_rows_of_every_evil_are_refused_one_by_one(mia):
    rows = ["C-1;Bonne", f"C-2;{'x' * 5000}", "C\x00-3;Zéro\x00", "C-4", "C-5;;;;;;", ";", "",
            f"{'9' * 300};Trop", '"C-6";"deux\nlignes"']  # fmt: skip
    job = bring(mia, file("Numéro client;Nom\n" + "\n".join(rows)))
    assert counts(job) == (5, 0, 0, 2)
    assert customers.find("external", "C-3").last_name == "Zéro"
    assert job.state == "done"


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


def test_the_api_does_what_the_console_does(mia):
    client = signed_in(mia, second_factor=True)
    job = client.post("/api/v1/imports/", {"file": file()}).json()
    asked = {"mapping": job["mapping"], "dry": False}
    client.post(f"/api/v1/imports/{job['id']}/start/", asked, "application/json")
    while transfer.advance_due():
        pass
    assert client.get(f"/api/v1/imports/{job['id']}/").json()["created"] == 2


def test_agents_and_strangers_import_nothing(bea, mallory, mia, ada):
    job = transfer.upload(file(), by=mia)
    for user in (bea.user, mallory):
        client = signed_in(user, second_factor=True)
        for answer in (
            client.get(reverse("admin:transfer")),
            client.post(reverse("admin:import_upload"), {"file": file()}),
            client.get(reverse("admin:import", args=[job.pk])),
            client.post(reverse("admin:import_start", args=[job.pk]), {"real": "1"}),
            client.get(reverse("admin:import_refused", args=[job.pk])),
            client.post("/api/v1/imports/", {"file": file()}),
        ):
            assert answer.status_code in (302, 403), answer.wsgi_request.path
    assert Import.objects.count() == 1
    assert not ImportRow.objects.exists()
