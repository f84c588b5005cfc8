"""Who is beside the conversation: what is known, what they tried first, what else is open."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from crm.models import Customer, Identity, Interaction, Status, VisitStep
from crm.services import blocks, own_fields

from . import rows, verifying

PAGE = 12
_STEPS = 12


def beside(interaction: Interaction) -> dict[str, Any]:
    """Eight queries: identities, own fields, notes, a block, the visit's steps, open work."""
    person = interaction.customer
    identities = [one for one in person.identities.all() if one.kind != Identity.Kind.VISITOR]
    return {
        "id": person.pk,
        "name": str(person),
        "simulated": person.is_simulated,
        "language": _("French") if interaction.language == "fr" else _("English"),
        "town": person.town,
        "known_since": rows.iso(person.created_at),
        "identities": [_identity(one) for one in identities],
        "codes": verifying.addresses(interaction),
        "organisation": str(person.organisation) if person.organisation else "",
        "own": [[field.label, field.value] for field in own_fields.shown(person)],
        "notes": [
            {"text": note.text, "by": str(note.author), "at": rows.iso(note.created_at)}
            for note in person.notes.select_related("author")[:3]
        ],
        "journey": _journey(interaction),
        "elsewhere": _elsewhere(interaction, person),
        "blocked": _blocked(person),
    }


def _blocked(person: Customer) -> dict[str, Any] | None:
    one = blocks.of(person)
    return {"reason": one.reason, "until": rows.iso(one.until)} if one else None


def _identity(one: Identity) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "label": one.get_kind_display(),
        "value": one.value if one.kind != Identity.Kind.ACCOUNT else _("has one"),
        "verified_at": rows.iso(one.verified_at),
        "how": one.verified_by,
    }


def _journey(interaction: Interaction) -> dict[str, Any] | None:
    """What they read and searched before they wrote."""
    if interaction.visit_id is None:
        return None
    steps = VisitStep.objects.filter(visit=interaction.visit_id, at__lte=interaction.opened_at)
    last = list(steps.order_by("-at", "-pk")[:_STEPS])[::-1]
    return {
        "steps": [
            {
                "kind": step.kind,
                "kind_label": step.get_kind_display(),
                "label": step.label,
                "value": step.value,
                "at": rows.iso(step.at),
            }
            for step in last
        ]
    }


def _elsewhere(interaction: Interaction, person: Customer) -> list[dict[str, Any]]:
    others = (
        Interaction.objects.open()
        .filter(customer=person)
        .exclude(pk=interaction.pk)
        .select_related("agent", "queue")
        .order_by("-opened_at")[:5]
    )
    return [_entry(other) for other in others]


def timeline(user: Any, interaction: Interaction, after: int | None = None) -> dict[str, Any]:
    """Earlier exchanges of the customer, newest first, paged by key."""
    earlier = (
        Interaction.objects.visible_to(user)
        .filter(customer=interaction.customer_id, status=Status.CLOSED)
        .exclude(pk=interaction.pk)
    )
    if after and (last := earlier.filter(pk=after).first()):
        same = Q(opened_at=last.opened_at, pk__lt=last.pk)
        earlier = earlier.filter(Q(opened_at__lt=last.opened_at) | same)
    told = earlier.select_related("agent", "queue", "closed_by", "subject", "real_subject")
    page = list(told.order_by("-opened_at", "-pk")[: PAGE + 1])
    return {
        "entries": [_entry(one) for one in page[:PAGE]],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
    }


def _entry(one: Interaction) -> dict[str, Any]:
    agent = one.agent or (one.closed_by if one.status == Status.CLOSED else None)
    subject = one.real_subject or one.subject if one.status == Status.CLOSED else None
    return {
        "i": one.pk,
        "ref": one.reference,
        "channel": one.channel,
        "title": one.title or (subject.name if subject else ""),
        "status": one.status,
        "status_label": one.get_status_display(),
        "outcome": one.get_outcome_display() if one.outcome else "",
        "agent": agent.display_name if agent else "",
        "queue": one.queue.name if one.queue else "",
        "score": one.score,
        "at": rows.iso(one.opened_at),
    }
