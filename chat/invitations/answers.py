"""What becomes of a shown invitation: answered, expired, or taken back with its place."""

from datetime import datetime

from django.db.models import Q

from chat.models import Invitation
from crm import clock
from crm.services import routing

from .places import HANDOVER

State, Reason = Invitation.State, Invitation.Reason


def refuse(invitation: Invitation) -> None:
    """The visitor said no; said too late, it still counts against the next one."""
    _answer(invitation, State.REFUSED, [State.SHOWN, State.EXPIRED])


def claim(invitation: Invitation) -> bool:
    """The visitor said yes. False when it was answered already, or is not to be had any more."""
    late = clock.now() - HANDOVER
    open_still = Invitation.objects.filter(
        Q(state=State.SHOWN) | Q(state=State.EXPIRED, expires_at__gt=late), pk=invitation.pk
    )
    return bool(open_still.update(state=State.ACCEPTED, reason="", decided_at=clock.now()))


def withdraw(invitation: Invitation) -> None:
    """The place is gone: the promise is taken back, with its reason."""
    open_still = Invitation.objects.filter(
        pk=invitation.pk, state__in=[State.SHOWN, State.ACCEPTED], interaction=None
    )
    open_still.update(state=State.WITHDRAWN, reason=Reason.PLACE_GONE, decided_at=clock.now())


def _answer(invitation: Invitation, state: str, before: list[str]) -> None:
    Invitation.objects.filter(pk=invitation.pk, state__in=before).update(
        state=state, decided_at=clock.now()
    )


def still_good(invitation: Invitation) -> bool:
    """Whether the card may stay on the screen; takes it back when its time or its place is gone."""
    at = clock.now()
    if invitation.state != State.SHOWN:
        return False
    if invitation.expires_at is None or invitation.expires_at <= at:
        _answer(invitation, State.EXPIRED, [State.SHOWN])
        return False
    if not _has_its_place(invitation, at):
        withdraw(invitation)
        return False
    return True


def _has_its_place(invitation: Invitation, at: datetime) -> bool:
    """Those promised first keep theirs when an agent's places become fewer."""
    if invitation.agent is None:
        return False
    earlier = Invitation.objects.filter(
        agent=invitation.agent, state=State.SHOWN, expires_at__gt=at, pk__lt=invitation.pk
    ).count()
    return routing.free_places(invitation.agent) > earlier


def sweep() -> int:
    """Expire what nobody answered and withdraw what lost its place, whoever has left the page."""
    shown = Invitation.objects.filter(state=State.SHOWN).select_related("agent").order_by("pk")
    return sum(not still_good(invitation) for invitation in shown[:500])
