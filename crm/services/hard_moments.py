"""Hard moments: one key declares it, a lead is told, and what must not happen does not.

Abuse: the customer is warned; after a warning the agent may end the exchange. Distress: the sheet
is at hand. Fraud: on the whole record nobody counts as verified and no code is sent, until a lead
lifts it. None is surveyed."""

from datetime import datetime

import phonenumbers
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from crm import clock, events, registry
from crm.models import Agent, HardMoment, HardSheet, Interaction, Message, Status, User
from crm.models.hard_moment import Hard
from crm.services import access, customers, escalation, interactions, posting


class NotWarned(Exception):
    """An exchange is ended for abuse after a warning only."""


def sheet(interaction: Interaction, kind: str) -> HardSheet | None:
    """Of the customer's country, else of ours, else any."""
    known = {one.country: one for one in HardSheet.objects.filter(kind=kind)}
    ours = settings.DEFAULT_PHONE_REGION
    return known.get(_country(interaction)) or known.get(ours) or next(iter(known.values()), None)


def _country(interaction: Interaction) -> str:
    number = customers.phone_number(interaction.customer)
    return (phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "") if number else ""


def running(interaction: Interaction) -> list[str]:
    return list(interaction.hard_moments.filter(lifted_at=None).values_list("kind", flat=True))


@transaction.atomic
def declare(
    interaction: Interaction, kind: str, *, by: Agent, at: datetime | None = None
) -> HardMoment:
    """Twice is once. Raises NotFree when it is not in `by`'s hands."""
    row = interactions.locked_with_agents(interaction, by)
    if row.agent_id != by.pk or row.status == Status.CLOSED:
        raise interactions.NotFree(row.reference)
    moment, fresh = row.hard_moments.get_or_create(
        kind=kind, lifted_at=None, defaults={"agent": by, "at": at or clock.now()}
    )
    if not fresh:
        return moment
    if kind == Hard.FRAUD:
        proven = Interaction.objects.filter(customer=row.customer_id, verified_at__isnull=False)
        proven.update(verified_at=None, verified_by="")
        row.verified_at, row.verified_by = None, ""
    found = sheet(row, kind)
    if said := found and found.said(row.language):
        posting.post(row, author=Message.Author.AGENT, agent=by, text=said)
    interactions.tell(row, f"hard_{kind}", agent=by.display_name)
    _tell_leads(row, moment)
    interactions.nudge(row)
    return moment


@transaction.atomic
def end(interaction: Interaction, *, by: Agent) -> Interaction:
    """The customer was warned and went on: closed. Raises NotWarned, NotFree."""
    row = interactions.locked_with_agents(interaction, by)
    if row.agent_id != by.pk or row.status == Status.CLOSED:
        raise interactions.NotFree(row.reference)
    if Hard.ABUSE not in running(row):
        raise NotWarned
    return interactions.close(row, by=by, outcome=Interaction.Outcome.ENDED)


@transaction.atomic
def lift(moment: HardMoment, *, by: User) -> None:
    """It was none, or it is over. Lifting it twice changes nothing."""
    row = interactions.locked(moment.interaction_id)
    lifted = HardMoment.objects.filter(pk=moment.pk, lifted_at=None)
    if lifted.update(lifted_at=clock.now(), lifted_by=by):
        interactions.tell(row, "hard_lifted", agent=by.get_short_name())
        interactions.nudge(row)


def _tell_leads(row: Interaction, moment: HardMoment) -> None:
    for lead in escalation.leads_of(row):
        if (agent := access.agent_of(lead)) is not None:
            said = {"i": row.pk, "moment": moment.kind, "name": str(moment.agent)}
            events.push(f"agent:{agent.pk}", "hard", **said)
        registry.notify(
            lead.email,
            "crm/mail/hard_moment",
            {
                "lead": lead.get_short_name(),
                "kind": moment.kind,
                "reference": row.reference,
                "agent": str(moment.agent),
                "url": f"{settings.CONSOLE_URL}{reverse('admin:workspace')}#{row.pk}",
            },
            lead.language,
            key=f"hard:{moment.pk}:{lead.pk}",
        )
