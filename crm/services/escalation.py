"""What happens when a customer's time is running out, and when it is up: each once per clock."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from crm import clock, registry
from crm.models import Agent, DueTime, Interaction, Status, Target, TargetAlert, User
from crm.services import interactions, roles, targets
from crm.services.interactions.base import tell
from crm.services.interactions.priority import clamped

Step = TargetAlert.Step
_BATCH = 200


def act(at: datetime | None = None) -> int:
    """Warn and escalate what is due. Safe to run twice, and beside itself. A sweep."""
    at = at or clock.now()
    targets.catch_up(at)
    count = 0
    for step, field in ((Step.WARNING, "warn_at"), (Step.LATE, "due_at")):
        told = TargetAlert.objects.filter(due_time=OuterRef("pk"), step=step)
        ripe = DueTime.objects.filter(**{f"{field}__lte": at}, due_at__isnull=False)
        if step == Step.WARNING:  # what is late already is not "soon" any more
            ripe = ripe.filter(due_at__gt=at)
        clocks = ripe.filter(~Exists(told), done_at=None)
        for key, interaction in clocks.values_list("pk", "interaction")[:_BATCH]:
            count += _alert(key, interaction, step, field, at)
    return count


@transaction.atomic
def _alert(key: int, interaction: int, step: str, field: str, at: datetime) -> bool:
    row = (
        Interaction.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=interaction)
        .first()
    )
    if row is None:  # somebody works on it: next time
        return False
    targets.follow(row, at)
    ripe = {f"{field}__lte": at, "done_at": None, "due_at__isnull": False}
    due = DueTime.objects.select_related("target").filter(pk=key, **ripe).first()
    if due is None or due.target is None:
        return False
    _alert_row, fresh = TargetAlert.objects.get_or_create(
        due_time=due, step=step, defaults={"at": at}
    )
    if not fresh:
        return False
    when = due.due_at.isoformat() if due.due_at else None
    tell(row, f"{'late' if step == Step.LATE else 'soon'}_{due.kind}", until=when)
    if step == Step.LATE:
        _escalate(row, due, due.target)
    interactions.nudge(row)
    return True


def _escalate(row: Interaction, due: DueTime, target: Target) -> None:
    if target.notify_lead:
        for lead in leads_of(row):
            registry.notify(  # the first of a day; a bad evening is no hundred mails
                lead.email, "crm/mail/late", _said(row, due, lead), lead.language,
                key=f"late:{lead.pk}:{timezone.localdate(clock.now())}",
            )  # fmt: skip
    if target.raise_priority:
        row.priority = clamped(row.priority + target.raise_priority)
        row.save(update_fields=["priority"])
    if target.move_to_id not in (None, row.queue_id) and row.status == Status.WAITING:
        interactions.transfer(row, by=None, to_queue=target.move_to)


def leads_of(row: Interaction) -> list[User]:
    """Of whoever has it, else of the teams behind its queue; without any, the managers."""
    teams = (
        Agent.objects.filter(pk=row.agent_id)
        if row.agent_id
        else Agent.objects.filter(skills__queue=row.queue_id)
    ).values("team")
    staff = User.objects.filter(is_active=True, is_staff=True)
    leads = staff.filter(groups__name=roles.LEAD, agent__team__in=teams).distinct()
    return list(leads) or list(staff.filter(groups__name=roles.MANAGER).distinct())


def _said(row: Interaction, due: DueTime, lead: User) -> dict[str, Any]:
    return {
        "lead": lead.get_short_name(),
        "reference": row.reference,
        "kind": due.kind,
        "queue": row.queue.name_in(lead.language) if row.queue else "",
        "agent": str(row.agent or ""),
        "due": due.due_at,
        "target": str(due.target),
        "url": f"{settings.CONSOLE_URL}{reverse('admin:crm_interaction_change', args=[row.pk])}",
    }
