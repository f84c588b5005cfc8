"""Whom to invite: which rule, for whom, and why not. Every decision is a row.

Nobody is invited to wait: the subject is open now, and a named agent holds a place for the answer.
Two visitors are never promised one place: the promise is made under the agent's lock."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from chat.models import Invitation, InvitationRule, Site
from chat.services import sites
from crm import clock
from crm.models import Agent, Interaction, Visit
from crm.services import routing

State, Reason = Invitation.State, Invitation.Reason

SECONDS_SHOWN = 30
_ARRIVAL_SECONDS = 5
_BEFORE_CLOSING = timedelta(minutes=15)
# an accepted one holds its place until its chat is there
_HANDOVER = timedelta(seconds=10)
# what may be different a moment later: seconds until the page may ask again
_ASK_AGAIN: dict[str, int] = {Reason.NOBODY: 15, Reason.TYPING: 5, Reason.TOO_SOON: 5}


@dataclass(frozen=True)
class Page:
    """What the page says about itself and its reader at the moment of asking."""

    url: str
    title: str = ""
    seconds: int = 0
    typing: bool = False  # has a form field of the page under the cursor
    refused_before: bool = False  # the device's one value: somebody here said no


@dataclass(frozen=True)
class Decision:
    """What the page does next: show `shown`, or ask again after a while, or be quiet."""

    shown: Invitation | None = None
    withheld: Invitation | None = None
    again_after: int | None = None


def next_look(site: Site, page: Page) -> int | None:
    """Seconds on the page after which a rule wants a decision; None: no rule is for this page."""
    later = [max(rule.seconds, _ARRIVAL_SECONDS) for rule in sites.rules_of(site, page.url)]
    return min(later, default=None)


def decide(site: Site, visit: Visit, page: Page, *, language: str) -> Decision:
    """Invite this visitor now, or say why not. Asking twice never shows a second one."""
    at = clock.now()
    rules = [rule for rule in sites.rules_of(site, page.url) if rule.seconds <= page.seconds]
    decision = Decision()
    for rule in rules:
        reason = _manners(site, visit, page) or _hours(rule, at)
        if not reason:
            shown, reason = _promise(rule, visit, page, language, at)
            if shown:
                return Decision(shown=shown)
        withheld = _withhold(rule, visit, page, reason, at)
        decision = Decision(withheld=withheld, again_after=_ASK_AGAIN.get(reason))
        if reason in _OF_THE_VISIT:
            break
    return decision


# reasons that hold for every rule of the page
_OF_THE_VISIT = {
    Reason.TYPING,
    Reason.TOO_SOON,
    Reason.EXCLUDED,
    Reason.REFUSED,
    Reason.ONCE,
    Reason.IN_CHAT,
}


def _manners(site: Site, visit: Visit, page: Page) -> str:
    """The first rule of politeness that forbids it, or nothing."""
    if sites.on_page(site.excluded_pages, page.url):
        return Reason.EXCLUDED
    if page.seconds < _ARRIVAL_SECONDS:
        return Reason.TOO_SOON
    if page.typing:
        return Reason.TYPING
    if Interaction.objects.open().filter(visit=visit, channel="chat").exists():
        return Reason.IN_CHAT
    before = set(visit.invitations.exclude(state=State.WITHHELD).values_list("state", flat=True))
    if page.refused_before or State.REFUSED in before:
        return Reason.REFUSED
    return Reason.ONCE if before else Reason.NONE


def _hours(rule: InvitationRule, at: datetime) -> str:
    hours = rule.subject.hours()
    if hours is None or not hours.is_open(at) or rule.subject.queue_at(at) is None:
        return Reason.CLOSED
    closes = hours.closes_at(at)
    return Reason.CLOSING if closes and closes - at <= _BEFORE_CLOSING else Reason.NONE


def held(at: datetime, *, but: int | None = None) -> Counter[int]:
    """Places per agent that invitations on screens have promised; `but` leaves one out."""
    unanswered = Q(state=State.SHOWN, expires_at__gt=at)
    arriving = Q(state=State.ACCEPTED, interaction=None, decided_at__gt=at - _HANDOVER)
    rows = Invitation.objects.filter(unanswered | arriving)
    if but is not None:
        rows = rows.exclude(pk=but)
    return Counter(rows.values_list("agent_id", flat=True))


def _promise(
    rule: InvitationRule, visit: Visit, page: Page, language: str, at: datetime
) -> tuple[Invitation | None, str]:
    """Hold a free place for this visitor under its agent's lock, or say what forbids it."""
    queue = rule.subject.queue_at(at)
    full: Counter[int] = Counter()
    while agent := routing.free_agent(queue, language=language[:2], held=held(at) + full):
        with transaction.atomic():
            Agent.objects.select_for_update().get(pk=agent.pk)
            if routing.free_places(agent) - held(at)[agent.pk] >= 1:
                return _show(rule, visit, page, agent, at)
        full[agent.pk] = 1000  # filled between the choice and the lock: ask the next one
    return None, Reason.NOBODY


def _show(
    rule: InvitationRule, visit: Visit, page: Page, agent: Agent, at: datetime
) -> tuple[Invitation | None, str]:
    try:
        with transaction.atomic():
            return _store(
                rule, visit, page,
                state=State.SHOWN,
                agent=agent,
                queue=rule.subject.queue_at(at),
                created_at=at,
                last_at=at,
                shown_at=at,
                expires_at=at + timedelta(seconds=SECONDS_SHOWN),
            ), Reason.NONE  # fmt: skip
    except IntegrityError:  # the same visit asked twice at once
        return None, Reason.ONCE


def _store(rule: InvitationRule, visit: Visit, page: Page, **fields: object) -> Invitation:
    return Invitation.objects.create(
        site_id=rule.site_id,
        rule=rule,
        visit=visit,
        subject=rule.subject,
        page_url=page.url[:500],
        page_title=page.title[:200],
        seconds=page.seconds,
        **fields,
    )


def _withhold(
    rule: InvitationRule, visit: Visit, page: Page, reason: str, at: datetime
) -> Invitation:
    """One row per visit, rule and reason, however often the page asks."""
    same = Invitation.objects.filter(rule=rule, visit=visit, reason=reason, state=State.WITHHELD)
    if not same.update(times=F("times") + 1, last_at=at, seconds=page.seconds):
        try:
            with transaction.atomic():
                return _store(
                    rule, visit, page,
                    state=State.WITHHELD,
                    reason=reason,
                    queue=rule.subject.queue_at(at),
                    created_at=at,
                    last_at=at,
                )  # fmt: skip
        except IntegrityError:  # the same visit asked twice at once
            pass
    return same.get()


def refuse(invitation: Invitation) -> None:
    """The visitor said no; said too late, it still counts against the next one."""
    _answer(invitation, State.REFUSED, [State.SHOWN, State.EXPIRED])


def claim(invitation: Invitation) -> bool:
    """The visitor said yes. False when it was answered already, or is not to be had any more."""
    late = clock.now() - _HANDOVER
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
