"""Closed without a solution: what was promised, and that it comes back when it is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from crm import clock
from crm.models import Agent, Interaction, NextStep, Status
from crm.services import interactions

NEEDED = Interaction.Outcome.PROMISED  # whoever closes by hand says what happens next
MOST = timedelta(days=366)
_AT_ONCE = 200


class NotSaid(Exception):
    """What happens next, or by when, is missing."""


@dataclass(frozen=True, slots=True)
class Next:
    """As said when closing; both or neither."""

    text: str
    due_at: datetime


def read(outcome: str, text: str, due_at: datetime | None) -> Next | None:
    """What a person said with this outcome. Raises NotSaid."""
    if outcome != NEEDED:
        return None
    ahead = due_at is not None and timedelta(0) < due_at - clock.now() < MOST
    if not text.strip() or due_at is None or not ahead:
        raise NotSaid
    return Next(text.strip()[:200], due_at)


@transaction.atomic
def close(
    interaction: Interaction, said: Next | None, *, by: Agent | None, **code: object
) -> Interaction:
    """Close it with its code, and keep what was promised."""
    row = interactions.close(interaction, by=by, **code)  # type: ignore[arg-type]
    if said is None or row.status != Status.CLOSED:
        return row
    promised = {"text": said.text, "due_at": said.due_at, "agent": by}
    _step, fresh = NextStep.objects.get_or_create(interaction=row, done_at=None, defaults=promised)
    if fresh:
        interactions.tell(row, "next_step", step=said.text, until=said.due_at.isoformat())
    return row


def of(interaction: Interaction) -> NextStep | None:
    """What is promised now."""
    return interaction.next_steps.filter(done_at=None).first()


def bring_back(at: datetime | None = None) -> int:
    """Promises that are due: their exchanges wait again, for whoever promised first. A sweep."""
    at = at or clock.now()
    due = NextStep.objects.filter(done_at=None, due_at__lte=at).order_by("due_at")
    return sum(_bring_back(key, at) for key in due.values_list("pk", flat=True)[:_AT_ONCE])


@transaction.atomic
def _bring_back(key: int, at: datetime) -> bool:
    step = NextStep.objects.select_for_update(of=("self",), skip_locked=True).filter(
        pk=key, done_at=None
    ).first()  # fmt: skip
    if step is None:
        return False
    step.done_at = at
    step.save(update_fields=["done_at"])
    row = interactions.locked(step.interaction_id)
    if row.status == Status.CLOSED:  # else the customer was back before
        row = interactions.reopen(row, at=at)
        interactions.tell(row, "next_step_due", step=step.text)
    return True
