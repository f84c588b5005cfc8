"""A copy of all that is held about one person: a page to read, JSON for machines, and the files."""

import json
import tempfile
import zipfile
from datetime import datetime
from typing import IO, Any

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import Customer, Interaction, PrivacyRequest
from crm.services import audit

from .requests import open_request, settle

BATCH = 200


def hand_over(customer: Customer, *, by: Any, request: PrivacyRequest | None = None) -> IO[bytes]:
    """The copy as a file to send; the request it answers (a new one without one) is settled, and
    the audit trail says that it was taken out."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    write_archive(customer, file, customer.language)
    file.seek(0)
    settle(request or open_request(customer, PrivacyRequest.Kind.ACCESS, by=by))
    audit.record(
        audit.Verb.EXPORTED,
        model="crm.customer",
        object_id=customer.pk,
        customer_id=customer.pk,
        actor_id=by.pk,
    )
    return file


def write_archive(customer: Customer, target: IO[bytes], language: str) -> None:
    """The zip: `index.html`, `data.json`, `files/`. Read in batches; nothing is changed."""
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
        translation.override(language),
    ):
        sections = _sections(customer, archive)
        data = {"made_at": clock.now(), "sections": {name: rows for name, _l, rows in sections}}
        archive.writestr(
            "data.json",
            json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1),
        )
        page = render_to_string(
            "crm/privacy/archive.html",
            {
                "customer": customer,
                "language": language,
                "made_at": clock.now(),
                "sections": [(label, _readable(rows)) for _name, label, rows in sections],
            },
        )
        archive.writestr("index.html", page)


def _sections(customer: Customer, archive: zipfile.ZipFile) -> list[tuple[str, str, list[Any]]]:
    found: dict[str, list[Any]] = {}
    parts = registry.personal_parts()
    for part in parts:
        if part.person:
            for name, rows in part.person(customer):
                found.setdefault(name, []).extend(rows)
    mine = Interaction.objects.filter(customer=customer).order_by("pk")
    last = 0
    while keys := list(mine.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        last = keys[-1]
        for part in parts:
            found.setdefault(part.name, []).extend(part.collect(keys))
            for name, stored in part.files(keys):
                if default_storage.exists(stored):
                    with default_storage.open(stored, "rb") as file:
                        archive.writestr(name, file.read())
    labels = {part.name: str(part.label) for part in parts} | _labels()
    return [(name, labels.get(name, name), rows) for name, rows in found.items()]


def _labels() -> dict[str, str]:
    return {
        "record": _("The record"),
        "identities": _("How we recognise you"),
        "notes": _("Notes"),
        "consents": _("What you agreed or objected to"),
        "visits": _("Visits"),
        "imports": _("Rows of files we brought in"),
    }


def _readable(rows: list[Any]) -> list[list[tuple[str, list[str]]]]:
    """Rows as (name, values) pairs; what is empty is left out."""
    return [
        [(key.replace("_", " "), _values(value)) for key, value in row.items() if value]
        for row in rows
    ]


def _values(value: Any) -> list[str]:
    if isinstance(value, list):
        return [_line(one) for one in value]
    return [_line(value)]


def _line(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dict):
        return " · ".join(_line(one) for one in value.values() if one)
    return str(value)
