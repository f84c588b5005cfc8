"""What Mia takes out is written in the background, is hers alone, and goes with who is in it."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse

from crm import clock
from crm.models import AuditEntry, Customer, Export
from crm.services import privacy, transfer
from crm.services.transfer import exports
from tests import factories
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def written(by, form="csv", about="customer"):
    job = transfer.ask(about, form, by=by)
    assert transfer.write_next()
    job.refresh_from_db()
    return job


def test_the_console_shows_how_far_it_is_and_then_the_file(mias, mia, ada):
    page = mias.post(reverse("admin:export_ask"), {"about": "customer", "format": "csv"}).url
    assert "data-progress" in mias.get(page).content.decode()
    assert mias.get(page + "file/").status_code == 404
    assert mias.get(page + "status/").json() == {"running": True, "total": 0, "handled": 0}
    assert transfer.write_next()
    assert mias.get(page + "status/").json() == {"running": False, "total": 1, "handled": 1}
    assert page + "file/" in mias.get(page).content.decode()
    assert page in mias.get(reverse("admin:transfer")).content.decode()
    out = mias.get(page + "file/")
    assert "Lenoir" in b"".join(out.streaming_content).decode()
    assert out["Content-Disposition"] == 'attachment; filename="customers.csv"'
    assert AuditEntry.objects.get(verb="exported").count == 1


def test_the_api_does_what_the_console_does(mias, ada):
    asked = mias.post("/api/v1/exports/", {"form": "xlsx"}, "application/json")
    assert asked.status_code == 202
    door = f"/api/v1/exports/{asked.json()['id']}/"
    assert mias.get(door).json()["state"] == "running"
    assert mias.get(f"{door}file/").status_code == 404
    assert transfer.write_next()
    assert mias.get(door).json()["has_file"]
    out = b"".join(mias.get(f"{door}file/").streaming_content)
    assert openpyxl.load_workbook(io.BytesIO(out)).active.max_row == 2


def test_nobody_takes_what_another_asked_for(mia, beas, mallory, root, ada):
    job = written(mia)
    for client in (beas, signed_in(mallory, second_factor=True), root):
        for answer in (
            client.get(reverse("admin:export", args=[job.pk])),
            client.get(reverse("admin:export_status", args=[job.pk])),
            client.get(reverse("admin:export_file", args=[job.pk])),
            client.get(f"/api/v1/exports/{job.pk}/"),
            client.get(f"/api/v1/exports/{job.pk}/file/"),
        ):
            assert answer.status_code in (302, 403, 404), answer.wsgi_request.path


def test_agents_and_strangers_ask_in_vain(beas, mallory):
    for client in (beas, signed_in(mallory, second_factor=True)):
        for answer in (
            client.post(reverse("admin:export_ask"), {"format": "csv"}),
            client.post("/api/v1/exports/", {}, "application/json"),
        ):
            assert answer.status_code in (302, 403), answer.wsgi_request.path
    assert not Export.objects.exists()


def test_a_killed_worker_leaves_it_to_the_next(mia, ada, monkeypatch):
    job = transfer.ask("customer", "csv", by=mia)
    with monkeypatch.context() as patch:
        patch.setattr(exports, "csv_file", _dies)
        with pytest.raises(KeyboardInterrupt):
            transfer.write_next()
    assert not transfer.write_next()  # its lease still runs
    Export.objects.update(lease_until=clock.wall() - timedelta(seconds=1))
    assert transfer.write_next()
    job.refresh_from_db()
    assert (job.state, job.handled) == ("done", 1)


def _dies(lines):
    next(iter(lines))
    raise KeyboardInterrupt


def test_what_kills_every_worker_is_given_up(mia, ada, monkeypatch):
    job = transfer.ask("customer", "csv", by=mia)
    Export.objects.update(tries=3)
    assert transfer.write_next()
    job.refresh_from_db()
    assert job.state == "failed"


def test_one_is_written_at_a_time_the_oldest_first(mia, ada):
    first, second = (transfer.ask("customer", "csv", by=mia) for _number in range(2))
    Export.objects.filter(pk=first.pk).update(lease_until=clock.wall() + timedelta(minutes=1))
    assert not transfer.write_next()
    Export.objects.filter(pk=first.pk).update(lease_until=None)
    assert [transfer.write_next() for _number in range(3)] == [True, True, False]
    second.refresh_from_db()
    assert second.state == "done"


def test_who_lost_the_lease_leaves_no_file(mia, ada, monkeypatch):
    job = transfer.ask("customer", "csv", by=mia)
    write = exports.csv_file

    def slowly(lines):
        made = write(lines)
        Export.objects.update(lease_until=clock.wall() + timedelta(hours=1))
        return made

    with monkeypatch.context() as patch:
        patch.setattr(exports, "csv_file", slowly)
        assert transfer.write_next()
    job.refresh_from_db()
    assert (job.state, job.file.name) == ("running", "")
    assert not AuditEntry.objects.filter(verb="exported").exists()


def test_what_fails_says_so_and_does_not_stop_the_next(mia, ada, monkeypatch):
    job = transfer.ask("customer", "csv", by=mia)
    with monkeypatch.context() as patch:
        patch.setattr(exports, "csv_file", _full)
        with pytest.raises(OSError, match="full"):
            transfer.write_next()
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error
    assert written(mia, "xlsx").state == "done"


def _full(_lines):
    raise OSError("full")


def test_a_workbook_has_only_so_much_room(mia, ada, monkeypatch):
    monkeypatch.setattr(exports, "_OF_A_WORKBOOK", 0)
    assert (written(mia, "xlsx").state, written(mia, "csv").state) == ("failed", "done")


def test_nobody_fills_the_line(mias, mia):
    for _number in range(5):
        transfer.ask("customer", "csv", by=mia)
    assert mias.post("/api/v1/exports/", {}, "application/json").status_code == 409
    assert mias.post(reverse("admin:export_ask"), {"format": "csv"}).url == reverse(
        "admin:transfer"
    )
    assert Export.objects.count() == 5


def test_an_erased_person_is_in_no_file(mia, ada, django_capture_on_commit_callbacks):
    people, houses = written(mia), written(mia, about="organisation")
    running = transfer.ask("customer", "csv", by=mia)
    Export.objects.filter(pk=running.pk).update(lease_until=clock.wall() + timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        transfer.forget_about([ada])
    assert not people.file.storage.exists(people.file.name)
    assert houses.file.storage.exists(houses.file.name)
    running.refresh_from_db()
    assert running.lease_until is None


def test_files_go_when_their_time_is_over(mias, mia, ada, django_capture_on_commit_callbacks):
    privacy.confirm({})
    job = written(mia)
    Export.objects.update(created_at=clock.now() - timedelta(days=3))
    with django_capture_on_commit_callbacks(execute=True):
        assert privacy.purge_due() == 1
    assert not job.file.storage.exists(job.file.name)
    assert mias.get(reverse("admin:export", args=[job.pk])).status_code == 200
    assert mias.get(reverse("admin:export_file", args=[job.pk])).status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_many_rows_cost_few_queries(mia, form, django_assert_max_num_queries):
    factories.CustomerFactory.create_batch(3)
    with django_assert_max_num_queries(25):
        assert written(mia, form).total == Customer.objects.count()
