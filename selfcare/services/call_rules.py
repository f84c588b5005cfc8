"""Which manners a call follows."""

from django.db.models import Q

from crm.models import Queue
from selfcare.models import CallRule


def of(queue: Queue | None) -> CallRule:
    """The queue's own rule, else everybody's, else what is shipped."""
    wanted = Q(queue=None) | Q(queue=queue) if queue else Q(queue=None)
    rules = list(CallRule.objects.filter(wanted))
    own = [rule for rule in rules if rule.queue_id is not None]
    return (own or rules or [CallRule()])[0]
