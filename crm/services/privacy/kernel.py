"""What the kernel itself holds of persons: the record, what was said, visits."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet

from crm import clock
from crm.models import (
    Attachment,
    Customer,
    Interaction,
    Message,
    Participant,
    Verification,
    Visit,
    VisitStep,
)
from crm.services import posting, transfer

Row = dict[str, Any]


def person(customer: Customer) -> Iterator[tuple[str, list[Row]]]:
    """Sections of the copy: the record itself, and what hangs on the person."""
    yield (
        "record",
        [
            {
                "number": customer.pk,
                "civility": customer.get_civility_display(),
                "first_name": customer.first_name,
                "last_name": customer.last_name,
                "language": customer.language,
                "time_zone": customer.time_zone,
                "town": customer.town,
                "organisation": str(customer.organisation or ""),
                "own_fields": customer.own,
                "tags": [str(tag) for tag in customer.tags.all()],
                "created_at": customer.created_at,
            }
        ],
    )
    known = customer.identities.values("kind", "value", "verified_at", "verified_by", "source")
    yield "identities", [dict(row) for row in known]
    yield "notes", [dict(row) for row in customer.notes.values("text", "created_at")]
    said = customer.consents.values("purpose", "granted", "source", "at")
    yield "consents", [dict(row) for row in said]
    yield (
        "visits",
        [
            {
                "started_at": visit.started_at,
                "device": visit.device,
                "came_from": visit.referrer,
                "steps": [
                    {"at": step.at, "kind": step.kind, "label": step.label}
                    for step in visit.steps.all()
                ],
            }
            for visit in customer.visits.prefetch_related("steps").order_by("started_at")
        ],
    )
    yield "imports", transfer.naming([customer])


def exchanges(keys: Sequence[int]) -> list[Row]:
    """These exchanges with all that was said, colleagues' notes included."""
    rows = Interaction.objects.filter(pk__in=keys).select_related("subject").order_by("pk")
    said: dict[int, list[Row]] = {key: [] for key in keys}
    for message in Message.objects.filter(interaction__in=keys, text__gt="").order_by("pk"):
        said[message.interaction_id].append(
            {
                "at": message.created_at,
                "author": message.author,
                "kind": message.kind,
                "text": message.text,
            }
        )
    return [
        {
            "reference": row.reference,
            "channel": row.channel,
            "opened_at": row.opened_at,
            "closed_at": row.closed_at,
            "title": row.title,
            "subject": str(row.subject or ""),
            "outcome": row.outcome,
            "score": row.score,
            "own_fields": row.own,
            "messages": said[row.pk],
        }
        for row in rows
    ]


def files(keys: Sequence[int]) -> Iterator[tuple[str, str]]:
    """(name in the archive, name in the storage)."""
    rows = Attachment.objects.filter(message__interaction__in=keys).exclude(file="")
    for row in rows.select_related("message__interaction").order_by("pk"):
        safe = "".join(c if c.isalnum() or c in "._- " else "_" for c in row.name)[-80:]
        yield f"files/{row.message.interaction.reference}-{row.pk}-{safe}", str(row.file.name)


def erase(keys: Sequence[int]) -> None:
    """What was said, titles, own fields, addresses of those who took part."""
    posting.blank(keys)
    Interaction.objects.filter(pk__in=keys).update(title="", own={}, own_terms=[])
    Participant.objects.filter(interaction__in=keys).update(address="")
    Verification.objects.filter(interaction__in=keys).delete()


def erase_person(customers: Sequence[Customer]) -> None:
    """Their visits become anybody's; of imports and exports the rows and files that name them go;
    identities, notes, consents leave with the record."""
    _forget_log("customer", [one.pk for one in customers])
    _forget_log("user", [one.user_id for one in customers if one.user_id])
    scrub(Visit.objects.filter(customer__in=customers))
    transfer.forget(customers)
    transfer.forget_about(customers)


def _forget_log(model: str, keys: list[int]) -> None:
    """The admin's own history says names; who changed what is in the audit trail."""
    LogEntry.objects.filter(
        content_type__app_label="crm", content_type__model=model, object_id__in=map(str, keys)
    ).delete()


def scrub(visits: QuerySet[Visit]) -> int:
    """These visits say no more whose they were or what was typed; their steps stay to be counted.
    The key changes too: no browser leads back to it."""
    keys = list(visits.values_list("pk", flat=True))
    VisitStep.objects.filter(visit__in=keys).exclude(kind=VisitStep.Kind.ARTICLE).update(
        label="", target=""
    )
    at = clock.now()
    rows = [
        Visit(pk=key, key=f"gone-{secrets.token_urlsafe(24)}"[:43], scrubbed_at=at, referrer="")
        for key in keys
    ]
    Visit.objects.bulk_update(rows, ["key", "scrubbed_at", "referrer"], batch_size=500)
    Visit.objects.filter(pk__in=keys).update(customer=None)
    return len(keys)
