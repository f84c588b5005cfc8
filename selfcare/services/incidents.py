"""Known incidents: opening, telling, attaching exchanges to them, and their end."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from crm import clock, registry
from crm.models import Customer, Interaction, Subject, User, Visit
from crm.services import customers
from crm.text import fold
from selfcare.models import Incident, IncidentAnswer, IncidentLink, IncidentWatcher
from selfcare.services import links

State = IncidentLink.State
_AT_ONCE = 500  # rows one run of a sweep takes


class Over(Exception):
    """The incident has ended meanwhile."""


def open_about(subjects: Iterable[Subject | None]) -> list[Incident]:
    """The open incidents of these subjects, for a banner; one query."""
    keys = {key for s in subjects if s for key in (s.pk, s.parent_id) if key}
    if not keys:
        return []
    return list(Incident.objects.open().filter(subjects__in=keys).distinct())


def everywhere() -> list[Incident]:
    """All open incidents: for the first page, and where nobody knows the subject."""
    return list(Incident.objects.open())


def news(subject: Subject | None, language: str) -> list[registry.News]:
    """What the other channels say first: widget, acknowledgements (crm.registry.news)."""
    return [
        registry.News(
            title=incident.title_in(language),
            text=incident.text_in(language),
            url=links.address("incident", language, incident.pk),
        )
        for incident in open_about([subject])
    ]


# --- tell me when it is over -----------------------------------------------------------------


def watch(
    incident_id: int,
    mail: str,
    *,
    language: str,
    visit: Visit | None = None,
    customer: Customer | None = None,
    at: datetime | None = None,
) -> IncidentWatcher:
    """Remember to tell this address; twice is once. Raises customers.BadIdentity, Over."""
    address = customers.normalise("mail", mail)
    with transaction.atomic():
        # locked, so that nobody registers between the end and the last mail
        incident = Incident.objects.select_for_update().get(pk=incident_id)
        if not incident.is_open:
            raise Over
        watcher, _new = IncidentWatcher.objects.get_or_create(
            incident=incident,
            mail=address,
            defaults={
                "language": language[:2],
                "visit": visit,
                "customer": customer,
                "asked_at": at or clock.now(),
            },
        )
    return watcher


def tell_watchers(at: datetime | None = None) -> int:
    """ "It is over", once to each who asked. A sweep.

    While the answer that ended the incident can still be taken back, nobody is told."""
    at = at or clock.now()
    waiting = IncidentWatcher.objects.filter(
        told_at=None, incident__ended_at__isnull=False
    ).exclude(
        incident__answers__in=IncidentAnswer.objects.filter(begins_at__gt=at, stopped_at=None)
    )
    count = 0
    for key in waiting.values_list("pk", flat=True)[:_AT_ONCE]:
        count += _tell_one(key, at)
    return count


@transaction.atomic
def _tell_one(key: int, at: datetime) -> int:
    if not IncidentWatcher.objects.filter(pk=key, told_at=None).update(told_at=at):
        return 0
    watcher = IncidentWatcher.objects.select_related("incident").get(pk=key)
    language = watcher.language
    registry.notify(
        watcher.mail,
        "selfcare/mail/incident_over",
        {
            "title": watcher.incident.title_in(language),
            "help": links.address("home", language),
            "contact": links.address("contact", language),
        },
        language,
        f"incident-over:{watcher.pk}",
    )
    return 1


# --- which exchanges are about it ------------------------------------------------------------


def propose(interaction_ids: Sequence[int], at: datetime | None = None) -> int:
    """Propose new exchanges for the incidents that they fit; a second time changes nothing."""
    known = list(Incident.objects.open().prefetch_related("subjects"))
    if not known:  # nearly always: one cheap question
        return 0
    about = Interaction.objects.filter(pk__in=interaction_ids).exclude(subject=None)
    return sum(
        _link(incident, interaction, at or clock.now())
        for interaction in about.select_related("subject", "customer")
        for incident in known
        if _concerns(incident, interaction.subject) and fits(incident, interaction)
    )


def _concerns(incident: Incident, subject: Subject | None) -> bool:
    """Its subject, or the one above it: as `open_about`."""
    subject = subject and subject.current
    keys = {subject.pk, subject.parent_id} if subject else set()
    return any(one.pk in keys for one in incident.subjects.all())


def fits(incident: Incident, interaction: Interaction) -> bool:
    """Begun since, and not of a customer who is known to live elsewhere."""
    if interaction.opened_at < incident.since:
        return False
    town = fold(interaction.customer.town)
    return not (town and incident.towns) or town in {fold(str(name)) for name in incident.towns}


def _link(incident: Incident, interaction: Interaction, at: datetime) -> int:
    _row, made = IncidentLink.objects.get_or_create(
        incident=incident, interaction=interaction, defaults={"at": at}
    )
    return int(made)


def propose_missed(at: datetime | None = None) -> int:
    """Open exchanges of an open incident's subjects that nobody looked at yet: those of before it
    was written down, and those whose event was lost. A sweep."""
    at = at or clock.now()
    count = 0
    for incident in Incident.objects.open().prefetch_related("subjects__children"):
        named = [subject.pk for subject in incident.subjects.all()]
        below = [child.pk for s in incident.subjects.all() for child in s.children.all()]
        missed = (
            Interaction.objects.open()
            .filter(subject__in=[*named, *below], opened_at__gte=incident.since)
            .exclude(incident_links__incident=incident)
            .select_related("customer")[:_AT_ONCE]
        )
        # who lives elsewhere is looked at again each time: few, and only while it lasts
        count += sum(_link(incident, row, at) for row in missed if fits(incident, row))
    return count


def decide(
    incident: Incident,
    interaction: Interaction,
    *,
    attached: bool,
    by: User | None,
    at: datetime | None = None,
) -> IncidentLink:
    """A colleague says whether this exchange is about it; the last word counts.

    An exchange belongs to one incident: attaching it here detaches it elsewhere. Raises Over."""
    at = at or clock.now()
    with transaction.atomic():
        Interaction.objects.select_for_update(of=("self",)).get(pk=interaction.pk)
        if attached and not Incident.objects.open().filter(pk=incident.pk).exists():
            raise Over
        if attached:
            IncidentLink.objects.filter(interaction=interaction, state=State.ATTACHED).exclude(
                incident=incident
            ).update(state=State.REFUSED, decided_by=by, at=at)
        link, _made = IncidentLink.objects.update_or_create(
            incident=incident,
            interaction=interaction,
            defaults={
                "state": State.ATTACHED if attached else State.REFUSED,
                "decided_by": by,
                "at": at,
            },
        )
    return link


def of_interaction(interaction: Interaction) -> list[IncidentLink]:
    """What the desk shows above an exchange: the incident it belongs to, else the proposals."""
    found = list(
        IncidentLink.objects.filter(interaction=interaction, incident__ended_at=None)
        .exclude(state=State.REFUSED)
        .select_related("incident")
    )
    attached = [link for link in found if link.state == State.ATTACHED]
    return attached or found


@transaction.atomic
def end(incident: Incident, *, at: datetime | None = None) -> Incident:
    """It is over: banners go, watchers are told by the sweep. Twice changes nothing."""
    at = at or clock.now()
    incident = Incident.objects.select_for_update().get(pk=incident.pk)
    if incident.ended_at is None:
        incident.ended_at = max(at, incident.since)
        incident.updated_at = at
        incident.save(update_fields=["ended_at", "updated_at"])
    return incident


@transaction.atomic
def save(incident: Incident, subjects: Iterable[Subject], *, at: datetime | None = None) -> None:
    """Write an incident down, or change what customers read of it."""
    incident.updated_at = at or clock.now()
    incident.save()
    incident.subjects.set(list(subjects))
