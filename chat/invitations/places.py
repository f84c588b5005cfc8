"""Which agent's place an invitation holds: promised under the agent's lock, never twice."""

from collections import Counter
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from chat.models import Invitation, InvitationRule
from crm.models import Agent, Visit
from crm.services import capacity, routing

from .page import Page

State, Reason = Invitation.State, Invitation.Reason

SECONDS_SHOWN = 30
# an accepted one holds its place until its chat is there
HANDOVER = timedelta(seconds=10)


def held(at: datetime, *, but: int | None = None) -> Counter[int]:
    """Places per agent that invitations on screens have promised; `but` leaves one out."""
    unanswered = Q(state=State.SHOWN, expires_at__gt=at)
    arriving = Q(state=State.ACCEPTED, interaction=None, decided_at__gt=at - HANDOVER)
    rows = Invitation.objects.filter(unanswered | arriving)
    if but is not None:
        rows = rows.exclude(pk=but)
    return Counter(rows.values_list("agent_id", flat=True))


def promise(
    rule: InvitationRule, visit: Visit, page: Page, language: str, at: datetime
) -> tuple[Invitation | None, str]:
    """Hold a free place for this visitor under its agent's lock, or say what forbids it."""
    queue = rule.subject.queue_at(at)
    full: Counter[int] = Counter()
    while agent := routing.free_agent(queue, language=language[:2], held=held(at) + full):
        with transaction.atomic():
            capacity.lock([agent.pk])
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


def withhold(
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
