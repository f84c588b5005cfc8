"""The house of the known months, built once for a whole file of tests: what a test adds or changes
goes with that test, and the house with the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from tests import factories
from tests.crm.month import Cast
from tests.people import monday_to_saturday


@contextmanager
def forgotten() -> Iterator[None]:
    """What is written inside is gone afterwards; tests inside have their own savepoints."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def standing(blocker: Any) -> Iterator[Cast]:
    """`blocker` is pytest-django's."""
    with blocker.unblock(), forgotten():
        yield cast()


def cast() -> Cast:
    queues = {
        "box": factories.QueueFactory(slug="box", schedule=factories.ScheduleFactory()),
        "mobile": factories.QueueFactory(slug="mobile", schedule=monday_to_saturday()),
    }
    agents = {
        name: factories.AgentFactory(
            display_name=name.title(),
            team=factories.TeamFactory(name=place, place=place),
            queues=[queues["box"]],
        )
        for name, place in (("bea", "Rennes"), ("carl", "Toulouse"))
    }
    home = factories.SubjectFactory(slug="home", queue=None, parent=None)
    tv = factories.SubjectFactory(slug="tv", queue=None, parent=home)
    subjects = {
        name: factories.SubjectFactory(slug=name, parent=above, queue=None)
        for name, above in (("remote", tv), ("decoder", tv), ("sim", None))
    }
    return Cast(agents, queues, subjects)
