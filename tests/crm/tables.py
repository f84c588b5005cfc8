"""Tables of customers as the tests bring them in."""

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.models import Customer, Identity
from crm.services import transfer

HEAD = "Numéro client;Prénom;Nom;E-mail;Téléphone;Ville;Société;Langue\n"
ROWS = (
    "C-1;Ada;Lenoir;ada@lenoir.example;06 12 34 56 78;Rennes;Lumio;fr\n"
    "C-2;Zoé;Blanc;zoe@blanc.example;;Brest;;\n"
    "C-3;Ugo;Faure;pas-une-adresse;;;;\n"
    ";Sans;Clef;;;;;\n"
)


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
