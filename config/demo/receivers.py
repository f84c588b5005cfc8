"""When somebody simulated opens an exchange, their record says so; a sweep finds whom a lost event
left out. Whoever is still on the way when the demo's data is removed goes too."""

from collections.abc import Iterable
from datetime import timedelta

from config.demo import marks, removal
from crm import clock, events, registry
from crm.models import Customer

_LATELY = timedelta(hours=1)


def _opened(interaction_ids: Iterable[int], **_more: object) -> None:
    marks.mark(Customer.objects.filter(interactions__in=list(interaction_ids)))


def _sweep() -> int:
    late = Customer.objects.filter(created_at__gte=clock.now() - _LATELY)
    return marks.mark(late) + (removal.again() if removal.was_removed() else 0)


events.interactions_opened.connect(_opened, dispatch_uid="demo.marks", weak=False)
registry.register_sweep("simulated people without their mark", _sweep)
