"""The end of a shift: what is open is finished, nothing new comes."""

from datetime import datetime

from crm import clock
from crm.models import AgentState, Shift
from crm.services import presence

State = AgentState.State
ENDED = "shift"  # the reason of "finishing" when the clock said so


def end_due(at: datetime | None = None) -> int:
    """Set whoever's shift is over to "finishing", once per shift. A sweep."""
    at = at or clock.now()
    count = 0
    over = Shift.objects.filter(finished_at=None, ends_at__lte=at).select_related("agent")
    for shift in over.order_by("ends_at")[:500]:
        # claimed first: two sweeps at once, or a second run, change nothing
        claimed = Shift.objects.filter(pk=shift.pk, finished_at=None).update(finished_at=at)
        on_another = Shift.objects.filter(agent=shift.agent, starts_at__lte=at, ends_at__gt=at)
        if not claimed or on_another.exists():
            continue
        if presence.state_of(shift.agent) in AgentState.READY:
            presence.set_state(shift.agent, State.FINISHING, reason=ENDED, at=at)
            count += 1
    return count
