"""What every verb of the desk asks first: whose the exchange is, and whom or what a form names."""

from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm.models import Agent, Interaction, Status, Subject
from crm.services import interactions

from .refusal import Refusal


def mine_or_nobodys(row: Interaction, agent: Agent) -> None:
    if row.agent_id is not None and row.agent_id != agent.pk:
        raise Refusal("not_yours", _("%(name)s has this exchange.") % {"name": row.agent})
    if row.status == Status.CLOSED:
        raise Refusal("closed", _("It is closed."))


def mine(row: Interaction, agent: Agent) -> None:
    mine_or_nobodys(row, agent)
    if row.agent_id is None:
        raise Refusal("not_taken", _("Take it first."))


def answers_it(row: Interaction, agent: Agent) -> None:
    if agent not in interactions.assistants(row):
        mine(row, agent)


def number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def moment(request: HttpRequest, name: str) -> datetime | None:
    try:
        found = parse_datetime(request.POST.get(name, ""))
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def named_colleague(request: HttpRequest) -> list[Agent]:
    key = number(request, "to_agent")
    return list(Agent.objects.filter(pk=key, user__is_active=True)) if key else []


def named_subject(given: QueryDict) -> Subject | None:
    key = given.get("subject", "")
    if not key:
        return None
    found = Subject.objects.filter(pk=key, is_active=True).first() if key.isdigit() else None
    if found is None:
        raise Refusal("malformed", _("Choose a subject."), 400)
    return found
