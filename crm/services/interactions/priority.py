"""Who goes first: by subject, customer and nature; waiting does the rest (models.interaction)."""

from crm.models import Customer, Interaction, Subject
from crm.models.interaction import MOST_PRIORITY

# a complaint has waited once already; praise can wait
OF_NATURE = {
    Interaction.Nature.COMPLAINT: 2,
    Interaction.Nature.FAULT: 1,
    Interaction.Nature.PRAISE: -1,
}

# whoever cannot telephone has no other way to somebody at once (France: L. 112-8)
IN_WRITING = 3
WAITED_BEFORE = 3  # steps of priority for whoever has waited already


def at_opening(given: int, subject: Subject | None, customer: Customer, nature: str = "") -> int:
    """In steps of ten minutes of waiting."""
    steps = given + (subject.priority if subject else 0) + customer.priority
    if nature:
        steps += OF_NATURE.get(Interaction.Nature(nature), 0)
    return clamped(steps)


def clamped(steps: int) -> int:
    return max(-MOST_PRIORITY, min(MOST_PRIORITY, steps))
