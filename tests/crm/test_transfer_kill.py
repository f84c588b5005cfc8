"""An import whose worker is killed half-way: another goes on, nothing is lost and nothing twice.

BRAVO_PROVE=1 does it with 100,000 rows."""

import os
import signal
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from crm.models import Customer, Identity, Import
from crm.services import transfer
from crm.services.transfer import running

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 100_000 if os.environ.get("BRAVO_PROVE") else 1_200


def _until(job: Import, handled: int) -> None:
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        job.refresh_from_db()
        if job.handled >= handled:
            return
        time.sleep(0.005)
    raise AssertionError(f"{job.handled} of {ROWS} rows after ten minutes")


def _working(job: Import) -> int:
    """A worker of its own, as Celery's: a process with a connection of its own."""
    connections.close_all()
    child = os.fork()
    if not child:
        try:
            while transfer.advance_due():
                pass
        finally:
            os._exit(0)
    return child


def test_a_worker_killed_half_way_loses_nothing_and_brings_nothing_twice(
    mia, settings, tmp_path, monkeypatch
):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(running, "HANDFUL", min(running.HANDFUL, ROWS // 12))
    lines = "".join(f"C-{n};Client{n};c{n}@courrier.example\n" for n in range(ROWS))
    file = SimpleUploadedFile("clients.csv", f"Numéro client;Nom;E-mail\n{lines}".encode())
    job = transfer.upload(file, by=mia)
    transfer.start(job, job.mapping, dry=False)
    worker = _working(job)
    _until(job, ROWS // 3)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    job.refresh_from_db()
    assert ROWS // 3 <= job.handled < ROWS  # it died in the middle
    assert Customer.objects.count() == job.created == job.handled
    while transfer.advance_due():
        pass
    job.refresh_from_db()
    assert (job.state, job.handled, job.created, job.failed) == ("done", ROWS, ROWS, 0)
    assert Customer.objects.count() == ROWS
    assert Identity.objects.count() == 2 * ROWS
