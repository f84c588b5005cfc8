"""Which tables tell what something was about: merging subjects leaves their rows as they were said.
All others that name a subject are rules and texts, and follow it."""

from django.db.models import Model

_tells: set[type[Model]] = set()


def keeps_its_subject(*models: type[Model]) -> None:
    """By the app of a table whose rows are history."""
    _tells.update(models)


def tells_its_subject(model: type[Model]) -> bool:
    return model in _tells
