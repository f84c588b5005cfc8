"""Exchanges by letter put together, taken apart, linked; each step is in the journal and can be
taken back (crm/models/regrouping.py)."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm import clock, registry
from crm.models import Agent, Interaction, Message, Participant, Regrouping, Status
from crm.services import capacity, interactions, posting, targets

Kind = Regrouping.Kind
_FAR = 20  # merges in a row

_WORDS: dict[str, Promise] = {
    "same": _("These are the same exchange."),
    "channel": _("Only exchanges by mail are merged or split. Link them instead."),
    "customer": _("They are of two customers. Merge the records first, or link the exchanges."),
    "complaint": _("This is a complaint: merge the other one into it."),
    "held": _("A colleague has one of them."),
    "merged": _("It was merged already."),
    "nothing": _("Choose what is to be split off; something must stay."),
    "linked": _("They are linked already."),
    "undone": _("This was undone already, or what came later has to be undone first."),
}


class Refused(Exception):
    """It cannot be done; `words` are for whoever tried."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code, self.words = code, _WORDS[code]


def present(interaction_id: int) -> int:
    """Where it is today: itself, or what it was merged into, however often."""
    for _step in range(_FAR):
        merges = Regrouping.objects.merges().in_force().filter(source=interaction_id)
        target = merges.values_list("target", flat=True).first()
        if target is None:
            break
        interaction_id = target
    return interaction_id


def present_of(keys: set[int]) -> dict[int, int]:
    """The same for many: only those that are elsewhere today."""
    found: dict[int, int] = {}
    asked = keys
    for _step in range(_FAR):
        rows = Regrouping.objects.merges().in_force().filter(source__in=asked)
        step = dict(rows.values_list("source", "target"))
        if not step:
            break
        found = {key: step.get(to, to) for key, to in found.items()} | (
            {key: to for key, to in step.items() if key in keys}
        )
        asked = set(step.values())
    return found


def journal(interaction: Interaction) -> QuerySet[Regrouping]:
    """What is in force around it, the latest first."""
    around = Q(source=interaction) | Q(target=interaction)
    return (
        Regrouping.objects.in_force()
        .filter(around)
        .select_related("source", "target", "by")
        .order_by("-pk")
    )


@transaction.atomic
def merge(source: Interaction, target: Interaction, *, by: Agent) -> Regrouping:
    """Everything said in `source` is in `target` from now on, and so is what will be answered to
    it; `source` is closed. A closed target opens again for an open source. Raises Refused."""
    source, target = _both(source, target, by)
    _may_merge(source, target, by)
    if target.status == Status.CLOSED and source.status != Status.CLOSED:
        target = interactions.take_up(target, by)
    keys = list(_said(source).values_list("pk", flat=True))
    moved = _move(keys, source, target)
    made = Regrouping.objects.create(
        kind=Kind.MERGE, source=source, target=target, moved=moved, by=by.user
    )
    interactions.tell(
        source, "merged_into", reference=target.reference, to=target.pk, gone=moved, by=str(by)
    )
    interactions.close(source, by=by, outcome=Interaction.Outcome.MERGED)
    # a request that was closed before keeps no verdict of its own either
    Interaction.objects.filter(pk=source.pk).update(outcome=Interaction.Outcome.MERGED)
    interactions.tell(target, "merged_from", reference=source.reference, of=source.pk, by=str(by))
    _settle(target)
    return made


@transaction.atomic
def split(
    source: Interaction, message: Message, *, by: Agent, onwards: bool, title: str = ""
) -> Regrouping:
    """This message, or it and all that follows, becomes a request of its own. Raises Refused."""
    row = interactions.locked_with_agents(source, by)
    letters = _letters(row)
    _not_held(row, by)
    chosen = _said(row).filter(pk__gte=message.pk) if onwards else _said(row).filter(pk=message.pk)
    keys = list(chosen.values_list("pk", flat=True))
    if not keys or _said(row).exclude(pk__in=keys).filter(kind=Message.Kind.TEXT).first() is None:
        raise Refused("nothing")
    new = interactions.open(
        row.channel,
        row.customer,
        subject=row.subject,
        queue=row.queue,
        title=title or message.body.get("subject") or message.text.strip().partition("\n")[0],
        language=row.language,
        origin=Interaction.Origin.STAFF,
        at=clock.now(),
    )
    letters.split(new, row)
    moved = _move(keys, row, new)
    interactions.tell(row, "split_off", reference=new.reference, to=new.pk, gone=moved, by=str(by))
    interactions.tell(new, "split_from", reference=row.reference, of=row.pk, by=str(by))
    if row.agent_id == by.pk:
        new = interactions.take(new.pk, by)
    _settle(new)
    _settle(row)
    return Regrouping.objects.create(
        kind=Kind.SPLIT, source=row, target=new, moved=moved, by=by.user
    )


@transaction.atomic
def link(one: Interaction, other: Interaction, *, by: Agent) -> Regrouping:
    """They concern each other; of whatever channels. Raises Refused."""
    if one.pk == other.pk:
        raise Refused("same")
    first, second = sorted((one, other), key=lambda row: row.pk)
    try:
        with transaction.atomic():
            made = Regrouping.objects.create(
                kind=Kind.LINK, source=first, target=second, by=by.user
            )
    except IntegrityError:
        raise Refused("linked") from None
    interactions.tell(first, "linked", reference=second.reference, to=second.pk, by=str(by))
    interactions.tell(second, "linked", reference=first.reference, to=first.pk, by=str(by))
    return made


@transaction.atomic
def undo(step: Regrouping, *, by: Agent) -> None:
    """Take one step back. What was said after a merge stays where it was said; what was split off
    goes back whole. Raises Refused."""
    step = Regrouping.objects.select_for_update(of=("self",)).get(pk=step.pk)
    if step.undone_at:
        raise Refused("undone")
    step.undone_at, step.undone_by = clock.now(), by.user
    step.save(update_fields=["undone_at", "undone_by"])
    {Kind.MERGE: _unmerge, Kind.SPLIT: _unsplit, Kind.LINK: _unlink}[Kind(step.kind)](step, by)


def _unmerge(step: Regrouping, by: Agent) -> None:
    source, target = _both(step.source, step.target, by)
    if present(target.pk) != target.pk:
        raise Refused("undone")
    if source.status == Status.CLOSED:
        source = interactions.take_up(source, by)
    target = interactions.locked(target.pk)
    moved = _move(step.moved, target, source)
    interactions.tell(
        target, "unmerged", reference=source.reference, to=source.pk, gone=moved, by=str(by)
    )
    interactions.tell(source, "merge_undone", reference=target.reference, of=target.pk, by=str(by))
    _settle(source)
    _settle(target)


def _unsplit(step: Regrouping, by: Agent) -> None:
    merge(step.target, step.source, by=by)


def _unlink(step: Regrouping, by: Agent) -> None:
    for row, other in ((step.source, step.target), (step.target, step.source)):
        interactions.tell(row, "unlinked", reference=other.reference, to=other.pk, by=str(by))


# --- the pieces -----------------------------------------------------------------------------


def _said(row: Interaction) -> QuerySet[Message]:
    """Events stay where they happened."""
    return row.messages.exclude(kind=Message.Kind.EVENT).order_by("pk")


def _both(one: Interaction, other: Interaction, by: Agent) -> tuple[Interaction, Interaction]:
    """Agents first, then both rows by key: the order of every verb."""
    keys = [one.pk, other.pk]
    holders = Interaction.objects.filter(pk__in=keys).values_list("agent_id", flat=True)
    capacity.lock({by.pk, *filter(None, holders)})
    rows = Interaction.objects.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    found = {row.pk: row for row in rows}
    return found[one.pk], found[other.pk]


def _letters(row: Interaction) -> registry.Letters:
    found = registry.channel(row.channel).letters
    if found is None:
        raise Refused("channel")
    return found


def _not_held(row: Interaction, by: Agent) -> None:
    if row.status != Status.CLOSED and row.agent_id not in (None, by.pk):
        raise Refused("held")


def _may_merge(source: Interaction, target: Interaction, by: Agent) -> None:
    if source.pk == target.pk:
        raise Refused("same")
    if source.channel != target.channel:
        raise Refused("channel")
    _letters(source)
    if source.customer_id != target.customer_id:
        raise Refused("customer")
    if any(present(row.pk) != row.pk for row in (source, target)):
        raise Refused("merged")
    complaint = Interaction.Nature.COMPLAINT
    if source.nature == complaint and target.nature != complaint:
        raise Refused("complaint")
    for row in (source, target):
        _not_held(row, by)


def _move(keys: Sequence[int], source: Interaction, target: Interaction) -> list[int]:
    """With whoever was copied: they are no strangers there either."""
    copied = source.participants.filter(role=Participant.Role.COPY)
    Participant.objects.bulk_create(
        [
            Participant(
                interaction=target, role=one.role, address=one.address, joined_at=one.joined_at
            )
            for one in copied
        ],
        ignore_conflicts=True,
    )
    moved = posting.move(keys, source, target)
    _letters(target).moved(moved, target)
    return moved


def _settle(row: Interaction) -> None:
    """Its clocks and its line in the lists follow what is said in it now."""
    row = interactions.locked(row.pk)
    targets.follow(row, clock.now())
    interactions.nudge(row)
