"""One answer to everybody attached to an incident: previewed, sent at a pace, taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from crm import clock
from crm.models import Agent, Interaction, Message, Status, User
from crm.services import interactions, posting
from selfcare.models import Incident, IncidentAnswer, IncidentDelivery, IncidentLink
from selfcare.models.incident import TIME_TO_UNDO
from selfcare.services import incidents


class UnderWay(Exception):
    """Another answer of this incident is still being sent."""


class NothingToSay(Exception):
    """The answer has no text."""


@dataclass(frozen=True)
class Preview:
    """Who would get it, and how it would read for the first few."""

    count: int
    by_channel: dict[str, int]
    first: list[tuple[Interaction, str]]
    minutes: int


def attached(incident: Incident) -> list[Interaction]:
    """The exchanges that get it: attached and not closed meanwhile."""
    return list(
        Interaction.objects.open()
        .filter(
            incident_links__incident=incident,
            incident_links__state=IncidentLink.State.ATTACHED,
        )
        .select_related("customer")
        .order_by("pk")
    )


def preview(incident: Incident, answer: IncidentAnswer) -> Preview:
    """What would go, without storing anything."""
    rows = attached(incident)
    by_channel: dict[str, int] = {}
    for row in rows:
        by_channel[row.channel] = by_channel.get(row.channel, 0) + 1
    return Preview(
        count=len(rows),
        by_channel=by_channel,
        first=[(row, text_for(answer, row)) for row in rows[:3]],
        minutes=-(-len(rows) // max(1, answer.per_minute)),
    )


def text_for(answer: IncidentAnswer, interaction: Interaction) -> str:
    """The answer in the customer's language; {name} is how they are addressed."""
    language = interaction.language
    name = interaction.customer.addressed(language)
    text = answer.text_in(language)
    return text.replace(" {name}", f" {name}" if name else "").replace("{name}", name)


@transaction.atomic
def begin(answer: IncidentAnswer, *, by: User | None, at: datetime | None = None) -> IncidentAnswer:
    """Store the answer and whom it goes to. It begins after the time to undo.

    Raises NothingToSay, UnderWay."""
    at = at or clock.now()
    if not answer.text_fr.strip():
        raise NothingToSay
    incident = Incident.objects.select_for_update().get(pk=answer.incident_id)
    answer.by = by
    answer.made_at = at
    answer.begins_at = at + TIME_TO_UNDO
    try:
        with transaction.atomic():
            answer.save(force_insert=True)
    except IntegrityError:
        raise UnderWay from None
    IncidentDelivery.objects.bulk_create(
        IncidentDelivery(answer=answer, interaction=row) for row in attached(incident)
    )
    if answer.closes:
        incidents.end(incident, at=at)
    return answer


@transaction.atomic
def stop(answer_id: int, *, at: datetime | None = None) -> int:
    """Take it back: nothing more goes, and an incident that it ended is open again when nothing
    has gone yet. Returns how many copies had left before."""
    at = at or clock.now()
    answer = (
        IncidentAnswer.objects.select_for_update(of=("self",))
        .select_related("incident")
        .get(pk=answer_id)
    )
    gone = answer.deliveries.exclude(sent_at=None).count()
    if not answer.is_under_way:
        return gone
    answer.stopped_at = at
    answer.save(update_fields=["stopped_at"])
    if answer.closes and not gone and at < answer.begins_at:
        # only the end that this answer made
        Incident.objects.filter(pk=answer.incident_id, ended_at=answer.made_at).update(
            ended_at=None, updated_at=at
        )
    return gone


def send_due(at: datetime | None = None) -> int:
    """Send what may go now, each answer at its own pace. A sweep."""
    at = at or clock.now()
    due = IncidentAnswer.objects.filter(stopped_at=None, finished_at=None, begins_at__lte=at)
    return sum(_send_some(answer, at) for answer in due)


def _send_some(answer: IncidentAnswer, at: datetime) -> int:
    """As many as its pace allows by now; each in a transaction of its own."""
    minutes = (at - answer.begins_at) / timedelta(minutes=1)
    allowed = int(answer.per_minute * (minutes + 1))
    gone = answer.deliveries.exclude(sent_at=None).count()
    waiting = answer.deliveries.filter(sent_at=None)
    count = 0
    for key in waiting.values_list("pk", flat=True)[: max(0, allowed - gone)]:
        count += _send_one(answer.pk, key, at)
    if not answer.deliveries.filter(sent_at=None).exists():
        IncidentAnswer.objects.filter(pk=answer.pk, stopped_at=None, finished_at=None).update(
            finished_at=at
        )
    return count


@transaction.atomic
def _send_one(answer_id: int, key: int, at: datetime) -> int:
    # shared lock: "stop" waits for the copy that is being sent, and none goes after it
    answer = IncidentAnswer.objects.select_for_update(no_key=True).get(pk=answer_id)
    if not answer.is_under_way:
        return 0
    if not IncidentDelivery.objects.filter(pk=key, sent_at=None).update(sent_at=at):
        return 0
    interaction = Interaction.objects.select_related("customer").get(
        pk=IncidentDelivery.objects.values_list("interaction").get(pk=key)[0]
    )
    if interaction.status == Status.CLOSED:
        return 0  # somebody was faster
    agent = Agent.objects.filter(user=answer.by_id).first() if answer.by_id else None
    posting.post(
        interaction,
        author=Message.Author.AGENT,
        agent=agent or interaction.agent,
        text=text_for(answer, interaction),
        client_id=f"incident-answer:{answer.pk}",
        at=at,
    )
    if answer.closes and _may_close(interaction):
        interactions.close(interaction, outcome=Interaction.Outcome.SOLVED, at=at)
    return 1


def _may_close(interaction: Interaction) -> bool:
    """A chat or a call that somebody is in goes on: its agent closes it."""
    return interaction.status != Status.ACTIVE or interaction.channel == "mail"
