"""Closed without a solution: whoever closes it by hand says what happens next and by when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy

from crm import clock
from crm.models import Agent, Interaction, NextStep

from .base import tell
from .complaints import CannotClose

NEEDED = Interaction.Outcome.PROMISED
MOST = timedelta(days=366)


class NotSaid(CannotClose):
    """What happens next, or by when, is missing."""

    code = "next_step"
    words = gettext_lazy("Say what happens next, and by when.")


@dataclass(frozen=True, slots=True)
class Next:
    """As said when closing; both or neither."""

    text: str
    due_at: datetime


def next_step(outcome: str, text: str, due_at: datetime | None) -> Next | None:
    """What a person said with this outcome. Raises NotSaid."""
    if outcome != NEEDED:
        return None
    ahead = due_at is not None and timedelta(0) < due_at - clock.now() < MOST
    if not text.strip() or due_at is None or not ahead:
        raise NotSaid
    return Next(text.strip()[:200], due_at)


def before_closing(outcome: str, said: Next | None, by: Agent | None) -> None:
    """A promise made by hand has words and an end. Raises NotSaid."""
    if by is not None and outcome == NEEDED and said is None:
        raise NotSaid


def keep(row: Interaction, said: Next | None, by: Agent | None, at: datetime) -> None:
    """Closed by hand: what was promised before is over, and this is promised now. What closes by
    itself ends no promise. The caller holds the row's lock."""
    if by is not None:
        over(row, at)
    if said is not None:
        NextStep.objects.create(
            interaction=row, text=said.text, due_at=said.due_at, agent=by, at=at
        )
        tell(row, "next_step", step=said.text, until=said.due_at.isoformat())


def over(row: Interaction, at: datetime) -> None:
    """Nothing is promised any more."""
    row.next_steps.filter(done_at=None).update(done_at=at)
