"""The console's first page: what waits, what is mine, and the ways on."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import clock
from crm.models import Interaction, Queue, Status
from crm.services import access, privacy


def context(request: HttpRequest) -> dict[str, Any]:
    """Six queries, whatever the size of the house."""
    now = clock.now()
    mine = Interaction.objects.visible_to(request.user)
    return {
        "figures": _figures(mine, request, now),
        "queues": _queues(mine, now),
        "doors": _doors(request),
        "asks_retention": request.user.has_perm("crm.change_retentionrule")  # type: ignore[union-attr]
        and not privacy.is_confirmed(),
    }


def _figures(mine: Any, request: HttpRequest, now: Any) -> list[dict[str, Any]]:
    day = now - timedelta(hours=24)
    agent = access.agent_of(request.user)
    counts = mine.open().aggregate(
        waiting=Count("pk", filter=Q(status=Status.WAITING)),
        held=Count("pk", filter=Q(agent=agent, status=Status.ACTIVE))
        if agent
        else Count("pk", filter=Q(status=Status.ACTIVE)),
        pending=Count("pk", filter=Q(status=Status.PENDING)),
    )
    closed = mine.filter(closed_at__gte=day).aggregate(
        closed=Count("pk"), rated=Count("score"), happy=Count("pk", filter=Q(score__gte=4))
    )
    return [
        {"label": _("Waiting for somebody"), "value": counts["waiting"], "tone": "wait-me"},
        {"label": _("In my hands") if agent else _("Being answered"), "value": counts["held"]},
        {"label": _("The customer's turn"), "value": counts["pending"]},
        {"label": _("Closed in 24 hours"), "value": closed["closed"], "tone": "done"},
        {
            "label": _("Satisfied, of those who answered"),
            "value": closed["happy"],
            "of": closed["rated"],
            "tone": "good",
        },
    ]


def _queues(mine: Any, now: Any) -> list[dict[str, Any]]:
    waiting = {
        row["queue"]: row
        for row in mine.waiting()
        .order_by()
        .values("queue")
        .annotate(waiting=Count("pk"), oldest=Min("waiting_since"))
    }
    rows = []
    for queue in Queue.objects.select_related("schedule"):
        line = waiting.get(queue.pk, {"waiting": 0, "oldest": None})
        opens = queue.schedule.next_opening(now)
        rows.append(
            {
                "name": queue.name,
                "waiting": line["waiting"],
                "oldest": line["oldest"],
                "open": opens == now,
                "opens": opens,
            }
        )
    return rows


def _doors(request: HttpRequest) -> list[dict[str, str]]:
    wanted = [
        ("admin:workspace", "forum", _("Desk"), _("Answer: my exchanges and the queues."), ""),
        (
            "admin:crm_customer_changelist",
            "person",
            _("Customers"),
            _("One record and one timeline for each."),
            "crm.view_customer",
        ),
        (
            "admin:reports",
            "monitoring",
            _("Reports"),
            _("Volumes, times and satisfaction by channel."),
            "crm.view_reports",
        ),
        (
            "admin:crm_user_invite",
            "person_add",
            _("Invite a colleague"),
            _("A mail with a link; they choose how to sign in."),
            "crm.add_user",
        ),
    ]
    return [
        {"url": reverse(name), "icon": icon, "title": title, "words": words}
        for name, icon, title, words, permission in wanted
        if not permission or request.user.has_perm(permission)  # type: ignore[union-attr]
    ]
