"""What an agent does to one exchange: each a POST, checked under the row's lock, all or nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.models import (
    Agent,
    AgentState,
    Draft,
    IllegalMove,
    Interaction,
)
from crm.services import (
    access,
    drafts,
    interactions,
    pauses,
    presence,
    supervising,
    wording,
)

from . import ending, filling, handing, hard, letters, replies, rows, saying, together, verifying
from .checks import named_colleague
from .refusal import Refusal

_MAY = "crm.change_interaction"

# a refusal that a verb returns is said after the commit; a dict goes into the answer
Verb = Callable[[HttpRequest, Interaction, Agent], Refusal | dict[str, Any] | None]


def _answers(view: Callable[..., JsonResponse]) -> Callable[..., JsonResponse]:
    """POST only; refusals in words."""

    @require_POST
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            error = {"error": refusal.code, "message": refusal.message}
            return JsonResponse(error, status=refusal.status)
        except wording.Stopped as stopped:
            return _conflict("stopped", stopped.rule.advice(get_language() or "fr"))
        except interactions.NotFree:
            return _conflict("not_free", _("A colleague was faster, or it is closed."))
        except interactions.CannotClose as rule:
            return _conflict(rule.code, str(rule.words))
        except IllegalMove:
            return _conflict("illegal_move", _("This cannot be done with it any more."))

    return answer


def _agent(request: HttpRequest) -> Agent:
    """Whoever asks, if they answer customers."""
    agent = access.agent_of(request.user)
    if agent is None or not request.user.has_perm(_MAY):  # type: ignore[union-attr]
        raise Refusal("forbidden", _("Only agents answer customers."), 403)
    return agent


def _conflict(code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message}, status=409)


@_answers
def act(request: HttpRequest, pk: int, verb: str) -> JsonResponse:
    """`POST /console/desk/42/close/`: the row afterwards."""
    agent = _agent(request)
    work = VERBS.get(verb)
    if work is None:
        raise Http404
    with transaction.atomic():
        others = named_colleague(request) if verb in ("transfer", "join") else []
        done = work(request, _locked(request, pk, agent, *others), agent)
    if isinstance(done, Refusal):
        raise done
    found = rows.rows(request.user, agent, [pk])
    return JsonResponse({"row": found[0] if found else None, "i": pk, **(done or {})})


@_answers
def supervise(request: HttpRequest, pk: int, verb: str) -> JsonResponse:
    """`POST /console/desk/42/supervise/whisper/`: a lead's, in a colleague's exchange."""
    if not request.user.has_perm(supervising.MAY):  # type: ignore[union-attr]
        raise Refusal("forbidden", _("This is for team leads."), 403)
    row = Interaction.objects.visible_to(request.user).filter(pk=pk).first()
    if row is None or verb not in together.SUPERVISING:
        raise Http404
    return together.supervise(request, row, verb)


@_answers
def keep_draft(request: HttpRequest, pk: int) -> JsonResponse:
    """`POST /console/desk/42/draft/`: what the agent is writing, with `kind` and `text`. Changes
    nothing of the exchange, and waits for nobody who does."""
    agent, kind = _agent(request), request.POST.get("kind", "")
    row = Interaction.objects.visible_to(request.user).filter(pk=pk).first()
    if row is None:
        raise Http404
    if kind not in Draft.Kind.values:
        raise Refusal("malformed", _("A reply, a note or a whisper."), 400)
    drafts.keep(row, agent, kind, request.POST.get("text", ""))
    return JsonResponse({"i": pk})


@_answers
def next_please(request: HttpRequest) -> JsonResponse:
    """`POST /console/desk/next/`: the first one in line that I may take, in my hands."""
    agent = _agent(request)
    row = handing.next_please(agent)
    return JsonResponse({"row": rows.rows(request.user, agent, [row.pk])[0], "i": row.pk})


def _locked(request: HttpRequest, pk: int, *agents: Agent) -> Interaction:
    """With everybody whose places it may change, before it: the order of every verb."""
    visible = Interaction.objects.visible_to(request.user).filter(pk=pk)
    if not visible.exists():
        raise Http404
    row = interactions.locked_with_agents(pk, *agents)
    if not visible.exists():  # moved to where we may not look, in between
        raise Http404
    return row


def _take(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    interactions.take(row.pk, agent)


VERBS: dict[str, Verb] = {
    "take": _take,
    "say": saying.say,
    "file": saying.send_file,
    "transfer": handing.transfer,
    "wait": ending.wait,
    "snooze": ending.snooze,
    "close": ending.close,
    "reopen": ending.reopen,
    "go_on": handing.go_on,
    "join": handing.join,
    "part": handing.part,
    "prolong": ending.prolong,
    "complain": ending.complain,
    "send_code": verifying.send_code,
    "verify": verifying.confirm,
    "fill": filling.fill,
    **letters.VERBS,
    **replies.VERBS,
    **hard.VERBS,
    **together.VERBS,
}


@_answers
def set_state(request: HttpRequest) -> JsonResponse:
    """What the agent does now."""
    agent = _agent(request)
    wanted = request.POST.get("state", "")
    if wanted not in AgentState.BY_HAND:
        raise Refusal("malformed", _("Choose a state."), 400)
    presence.beat(agent)  # who says so is here, even before the first heartbeat
    place = pauses.say_state(agent, wanted, reason=request.POST.get("reason", "")[:80].strip())
    now = AgentState.objects.get(agent=agent, until=None)
    answer = {
        "state": now.state,
        "reason": now.reason,
        "since": rows.iso(now.since),
        "break": place or None,
    }
    if place:
        said = _("Your break: place %(place)s in line. It begins by itself.")
        answer["message"] = said % {"place": place}
    return JsonResponse(answer)
