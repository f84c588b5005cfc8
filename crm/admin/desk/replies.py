"""What an agent need not write again: canned replies by `/`, and macros."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm.models import Agent, Interaction, Macro, ReplyTemplate
from crm.services import agent_pulse, answering, macros, templates

from .checks import mine, number
from .refusal import Refusal


def offered_macros(row: Interaction, agent: Agent | None) -> list[dict[str, Any]]:
    """Each with what it would do, in words."""
    return [
        {"id": one.pk, "name": one.name, "steps": _steps(one, row, agent)}
        for one in macros.offered(row)
    ]


def _steps(macro: Macro, row: Interaction, agent: Agent | None) -> list[str]:
    said = templates.filled(macro.reply, row, agent) if macro.reply else ""
    outcome = macro.get_outcome_display()
    steps = [
        (said, _("Answers: {text}")),
        (macro.note, _("Notes: {text}")),
        (macro.subject and macro.subject.name, _("Subject: {text}")),
        (macro.nature and macro.get_nature_display(), _("Nature: {text}")),
        (macro.to_queue and macro.to_queue.name, _("Hands on to: {text}")),
        (macro.snooze_hours, _("Set aside for hours: {text}")),
        (outcome, _("Closes: {text}")),
        (macro.then == Macro.Then.WAIT and _("the customer"), _("Waits for: {text}")),
    ]
    return [words.replace("{text}", str(text)) for text, words in steps if text]


def use(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """A reply has left, as it is written or not."""
    found = ReplyTemplate.objects.filter(pk=number(request, "template") or 0).first()
    key = request.POST.get("client_id", "")
    if found is None or not key or len(key) > 64:
        raise Refusal("malformed", _("There is nothing to count."), 400)
    templates.use(found, row, client_id=key, edited=bool(request.POST.get("edited")))


def do_macro(request: HttpRequest, row: Interaction, agent: Agent) -> dict[str, Any]:
    """Done; and, where it closed, whether the agent is asked how it was."""
    key = request.POST.get("client_id", "")
    macro = macros.offered(row).filter(pk=number(request, "macro") or 0).first()
    if macro is None or not key or len(key) > 50:
        raise Refusal("malformed", _("This macro is not offered here."), 400)
    done = macros.do(macro, row, by=agent, client_id=key)
    return {"pulse": agent_pulse.is_asked(done, agent)}


def moment(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """ "One moment, I am checking": its clock runs on the desk."""
    mine(row, agent)
    key = request.POST.get("client_id", "")
    if not key or len(key) > 64:
        raise Refusal("malformed", _("There is nothing to send."), 400)
    answering.promise(row, agent=agent, client_id=key)


VERBS: dict[str, Any] = {"use": use, "macro": do_macro, "moment": moment}
