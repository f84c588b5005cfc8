"""Own fields where people work: filled in at the desk and in the console, asked for in lists, in
the API and in reports, brought in and taken out by files."""

import csv
import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm.models import Organisation, OwnField
from crm.services import interactions, own_fields, transfer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def fault(db):
    return OwnField.objects.create(
        about="interaction", key="fault", name_fr="Panne", name_en="Fault", kind="choice",
        choices=["Matériel", "Ligne"],
    )  # fmt: skip


@pytest.fixture
def technician(db):
    return OwnField.objects.create(
        about="interaction", key="technician", name_fr="Technicien", name_en="Technician",
        kind="date",
    )  # fmt: skip


def text(answer):
    return answer.content.decode()


def test_an_agent_fills_in_an_exchange_at_the_desk_and_in_the_console(
    enter, bea, ada, box_queue, fault, technician
):
    row = factories.InteractionFactory(customer=ada, queue=box_queue)
    door = enter(bea.user)
    fill = reverse("admin:workspace") + f"{row.pk}/fill/"
    own = json.dumps({"fault": "ligne", "technician": "2026-11-24"})
    answer = door.post(fill, {"own": own}).json()
    assert answer["row"]["own"] == {"fault": "Ligne", "technician": "2026-11-24"}
    wrong = door.post(fill, {"own": json.dumps({"fault": "Lune"})})
    assert (wrong.status_code, "Ligne" in wrong.json()["message"]) == (400, True)
    assert door.post(fill, {"own": "[1"}).status_code == 400
    page = reverse("admin:crm_interaction_change", args=[row.pk])
    assert 'name="own-fault"' in text(door.get(page))
    door.post(reverse("admin:crm_interaction_own", args=[row.pk]), {"own-fault": "Matériel"})
    row.refresh_from_db()
    assert row.own == {"fault": "Matériel"}  # the date was emptied in the form


def test_who_may_not_see_an_exchange_fills_in_nothing(
    enter, client, bea, mallory, ada, mobile_queue, fault
):
    row = factories.InteractionFactory(customer=ada, queue=mobile_queue)
    client.force_login(mallory)
    for door in (enter(bea.user), client):
        for answer in (
            door.post(reverse("admin:crm_interaction_own", args=[row.pk]), {"own-fault": "Ligne"}),
            door.post(
                reverse("admin:workspace") + f"{row.pk}/fill/", {"own": '{"fault": "Ligne"}'}
            ),
        ):
            assert answer.status_code in (302, 403, 404)
    row.refresh_from_db()
    assert row.own == {}


def test_lists_and_the_api_ask_by_own_fields(enter, mia, ada, fault, technician):
    line = factories.InteractionFactory(customer=ada, title="Sans ligne")
    other = factories.InteractionFactory(customer=ada, title="Box cassée")
    interactions.fill(line, {"fault": "Ligne", "technician": "2026-11-24"})
    interactions.fill(other, {"fault": "Matériel", "technician": "2026-12-01"})
    door = enter(mia)
    listed = text(door.get(reverse("admin:crm_interaction_changelist") + "?own_fault=Ligne"))
    assert "Sans ligne" in listed
    assert "Box cassée" not in listed

    def asked(query):
        answer = door.get(f"/api/v1/interactions/?{query}")
        return [one["id"] for one in answer.json()["results"]] if answer.status_code == 200 else 400

    assert asked("own.fault=materiel") == [other.pk]
    assert asked("own.technician.max=2026-11-30") == [line.pk]
    assert asked("own.technician.min=2026-11-30") == [other.pk]
    assert asked("own.unknown=1") == asked("own.fault=Lune") == asked("own.fault.min=Ligne") == 400


def test_a_report_is_broken_down_by_a_field_and_opens_what_is_behind(enter, mia, ada, fault):
    for words, score in (("Ligne", 5), ("Ligne", 1), ("Matériel", 4)):
        row = factories.InteractionFactory(customer=ada, score=score, title=f"{words} {score}")
        interactions.fill(row, {"fault": words})
    factories.InteractionFactory(customer=ada, title="Autre chose")
    door = enter(mia)
    page = text(door.get(reverse("admin:reports") + "?by=interaction.fault"))
    assert "value=Ligne" in page
    behind = text(
        door.get(reverse("admin:report_exchanges") + "?own=interaction.fault&value=Ligne")
    )
    assert 'data-total="2"' in behind
    none = text(door.get(reverse("admin:report_exchanges") + "?own=interaction.fault&value="))
    assert 'data-total="1"' in none
    for query in ("by=interaction.nothing", "own=customer.fault&value=1", "own=x"):
        assert door.get(reverse("admin:reports") + f"?{query}").status_code == 400


def brought(by, about, text):
    job = transfer.upload(SimpleUploadedFile("a.csv", text.encode()), by=by, about=about)
    transfer.start(job, job.mapping, dry=False)
    while transfer.advance_due():
        pass
    job.refresh_from_db()
    return job.created, job.changed, job.same, job.failed


def taken(by, about):
    table = transfer.table(transfer.export_rows(about, by))
    out = "".join(transfer.csv_rows(table)).lstrip("\ufeff")
    return out, list(csv.DictReader(io.StringIO(out)))


def test_exchanges_own_fields_come_in_by_their_number_and_go_out(mia, ada, fault):
    row = factories.InteractionFactory(customer=ada)
    file = f"Numéro;Panne\n{row.reference};ligne\n9999-1;Ligne\n;Ligne\n"
    assert brought(mia, "interaction", file) == (0, 1, 0, 2)
    assert brought(mia, "interaction", file) == (0, 0, 1, 2)
    out, rows = taken(mia, "interaction")
    assert (rows[0]["reference"], rows[0]["fault"]) == (row.reference, "Ligne")
    assert brought(mia, "interaction", out) == (0, 0, 1, 0)


def test_organisations_come_in_by_name_with_domains_and_fields(mia):
    OwnField.objects.create(
        about="organisation", key="seats", name_fr="Postes", name_en="Seats", kind="number"
    )
    file = "Nom;Domaines;Postes\nFaure;faure.example, faure.test;12\nBlanc;gmail.com;3\n"
    assert brought(mia, "organisation", file) == (1, 0, 0, 1)
    assert brought(mia, "organisation", file) == (0, 0, 1, 1)
    firm = Organisation.objects.get()
    assert (firm.own, firm.domains.count()) == ({"seats": 12}, 2)
    found = own_fields.narrowed(Organisation.objects.all(), OwnField.objects.get(), "10", "min")
    assert list(found) == [firm]
    out, rows = taken(mia, "organisation")
    assert rows[0]["domains"] == "faure.example faure.test"
    assert brought(mia, "organisation", out) == (0, 0, 1, 0)
