"""Who goes first: by subject, customer and nature; waiting does the rest (models.interaction)."""

from django.db import transaction

from crm.models import Customer, Interaction, Subject
from crm.models.interaction import MOST_PRIORITY

from .base import locked, nudge, tell

# a complaint has waited once already; praise can wait
OF_NATURE = {
    Interaction.Nature.COMPLAINT: 2,
    Interaction.Nature.FAULT: 1,
    Interaction.Nature.PRAISE: -1,
}


def at_opening(given: int, subject: Subject | None, customer: Customer, nature: str = "") -> int:
    """In steps of ten minutes of waiting."""
    steps = given + (subject.priority if subject else 0) + customer.priority
    if nature:
        steps += OF_NATURE.get(Interaction.Nature(nature), 0)
    return clamped(steps)


def clamped(steps: int) -> int:
    return max(-MOST_PRIORITY, min(MOST_PRIORITY, steps))


@transaction.atomic
def prioritise(interaction: Interaction, steps: int, *, why: str = "") -> Interaction:
    """Move it forward (or back) in its line by so many steps; colleagues read why."""
    interaction = locked(interaction)
    interaction.priority = clamped(interaction.priority + steps)
    interaction.save(update_fields=["priority"])
    tell(interaction, "prioritised", steps=steps, why=why)
    nudge(interaction)
    return interaction
