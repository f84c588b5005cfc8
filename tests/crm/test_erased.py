"""Of who was erased nothing is left: in no table, file, session, nor in Redis."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from crm import clock, registry
from crm.models import (
    AuditEntry,
    Customer,
    Identity,
    Import,
    Interaction,
    MergeSuggestion,
    Note,
    OwnField,
    User,
)
from crm.services import (
    customers,
    interactions,
    own_fields,
    privacy,
    search,
    transfer,
    verification,
)
from selfcare.models import Incident
from selfcare.services import incidents
from tests import factories
from tests.doors import signed_in
from tickets.models import Mailbox
from tickets.services import receiving

pytestmark = pytest.mark.django_db
TRACES = ("zephyr", "quatrebarb", "612009988", "orchide", "zq-77", "lande-perdue")
MAIL = "zephyrine@quatrebarbes.example"
LETTER = f"""\
Authentication-Results: mx.lumio.example; dmarc=pass header.from={MAIL.partition("@")[2]}
From: Zéphyrine Quatrebarbes <{MAIL}>
To: assistance@lumio.example
Subject: Mes orchidées
Message-ID: <1@quatrebarbes.example>
Content-Type: text/plain; charset=utf-8

Mes orchidées et moi, au 06 12 00 99 88.
"""


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def whole(media: Path) -> str:
    """All that the installation holds, as one text in small letters."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name} ' || t::text FROM \"{name}\" t" for name in tables)
        )
        found = [row[0] for row in cursor.fetchall()]
    found += [f"session {row.get_decoded()}" for row in Session.objects.all()]
    found += [f"{path} {path.read_bytes()!r}" for path in media.rglob("*") if path.is_file()]
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    found += [f"{key} {_held(client, key)}" for key in client.scan_iter()]
    client.close()
    return "\n".join(found).lower()


def _held(client, key):
    reads = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"zset": lambda name: client.zrange(name, 0, -1),
        b"stream": client.xrange,
    }
    return reads[client.type(key)](key)


def traces(media: Path) -> list[str]:
    return [line for line in whole(media).splitlines() if any(one in line for one in TRACES)]


@pytest.fixture
def person(mia, bea, box_queue, django_capture_on_commit_callbacks):
    """Zéphyrine, who left something behind every door."""
    with django_capture_on_commit_callbacks(execute=True):
        return _everywhere(mia, bea, box_queue)


def _everywhere(mia, bea, box_queue):
    Mailbox.objects.create(
        address="assistance@lumio.example", name="Assistance", queue=box_queue,
        receiving_server="mx.lumio.example",
    )  # fmt: skip
    mail = receiving.file(receiving.store(LETTER.encode()).pk)
    exchange = mail.interaction
    her = exchange.customer
    OwnField.objects.create(about="customer", key="garden", kind="text", name_fr="J", name_en="G")
    own_fields.assign(her, {"garden": "Orchidées"})
    her.town = "Lande-Perdue"
    her.user = factories.UserFactory(email=MAIL, first_name="Zéphyrine", last_name="Quatrebarbes")
    her.save()
    EmailAddress.objects.create(user=her.user, email=MAIL, verified=True, primary=True)
    User.objects.filter(pk=her.user_id).update(last_name="Quatrebarbes-Roux")  # audited
    signed_in(her.user, second_factor=False)
    customers.add_identity(her, "external", "ZQ-77")
    Note.objects.create(customer=her, author=mia, text="Parle de ses orchidées")
    # merged twice: a record into one that is then merged into hers
    first, second = (
        customers.identify(kind, value, name="Zéphyrine Quatrebarbes", source="callback")
        for kind, value in (("phone", "06 12 00 99 88"), ("mail", "z@quatrebarbes.example"))
    )
    Note.objects.filter(customer=her).update(text="Parle toujours de ses orchidées")
    customers.merge(second, first, by=mia)
    customers.merge(her, second, by=mia)
    stranger = customers.identify("mail", "z2@else.example", name="Z Q", source="mail")
    MergeSuggestion.objects.create(elder=her, younger=stranger, reasons=["same_name"])
    # a code to her address, what she waits for, a letter of no exchange, a file with her in it
    Identity.objects.filter(customer=her).update(created_at=clock.now() - timedelta(days=9))
    Interaction.objects.filter(pk=exchange.pk).update(agent=bea, status="active")
    exchange.refresh_from_db()
    verification.send_code(exchange, her.identities.get(value=MAIL).pk, by=bea.user)
    incident = Incident.objects.create(title_fr="Panne", title_en="Outage", text_fr="", text_en="")
    incidents.watch(incident.pk, MAIL, language="fr")
    registry.notify(MAIL, "crm/mail/late", {"name": "Quatrebarbes"}, "fr", "k-1")
    rows = (
        "Numéro client;Nom;Téléphone;E-mail\n"
        f"ZQ-77;Quatrebarbes;06.12.00.99.88;{MAIL.upper()}\n"
        f";Quatrebarbes;0612009988;pas-une-adresse\n"
        "AB-1;Autre;;autre@else.example\n"
    )
    job = transfer.upload(SimpleUploadedFile("f.csv", rows.encode()), by=mia)
    transfer.start(job, job.mapping, dry=False)
    transfer.advance_due()
    factories.InteractionFactory(customer=her, status="closed", closed_at=clock.now())
    # edited in the console, whose own history says names
    editor = signed_in(mia, second_factor=True)
    form = {"last_name": "Quatrebarbes", "language": "fr", "time_zone": "Europe/Paris",
            "identities-TOTAL_FORMS": 0, "identities-INITIAL_FORMS": 0}  # fmt: skip
    url = reverse("admin:crm_customer_change", args=[her.pk])
    assert editor.post(url, form).status_code == 302
    search.fill()
    interactions.close(exchange, outcome="solved")
    return her


@pytest.mark.parametrize("kind", ["erase", "delete"])
def test_nothing_of_her_is_left_anywhere(
    person, mia, media, kind, django_capture_on_commit_callbacks
):
    assert {one for one in TRACES if one not in whole(media)} == set()
    held = io.BytesIO()
    privacy.write_archive(person, held, "fr")  # the copy says what is held, the file's row too
    assert "06.12.00.99.88" in zipfile.ZipFile(held).read("data.json").decode()
    request = privacy.open_request(person, kind, by=mia)
    with django_capture_on_commit_callbacks(execute=True):
        while privacy.erase_due():
            pass
    request.refresh_from_db()
    assert request.state == "done"
    assert traces(media) == []
    assert not LogEntry.objects.exists()
    # nothing tells which stones were made together, or when
    stones = Customer.objects.exclude(erased_at=None)
    assert stones.count() == (1 if kind == "erase" else 2)
    assert stones.values("created_at", "erased_at").distinct().count() == 1
    assert not AuditEntry.objects.filter(customer_id__in=stones.values("pk")).exists()
    assert Import.objects.get().rows.count() == 1  # somebody else's
    assert Customer.all_rows.filter(identities__value="z2@else.example").exists()
