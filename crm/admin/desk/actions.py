"""What an agent does to one exchange: each a POST, checked under the row's lock, all or nothing."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, JsonResponse, QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm import clock, registry
from crm.models import (
    Agent,
    AgentState,
    Complaint,
    IllegalMove,
    Interaction,
    Message,
    Queue,
    Status,
    Subject,
)
from crm.services import (
    access,
    complaints,
    interactions,
    pauses,
    posting,
    presence,
    verification,
)
from crm.text import mask_cards

from . import filing, filling, handing, rows, verifying
from .refusal import Refusal

LONGEST = {"chat": posting.MAX_LENGTH}
LONGEST_LETTER = 100_000
_MAY = "crm.change_interaction"

# a refusal that a verb returns is said after the commit
Verb = Callable[[HttpRequest, Interaction, Agent], Refusal | None]


def _answers(view: Callable[..., JsonResponse]) -> Callable[..., JsonResponse]:
    """POST only, agents only; refusals in words."""

    @require_POST
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        try:
            if access.agent_of(request.user) is None or not _may(request.user):
                raise Refusal("forbidden", _("Only agents answer customers."), 403)
            return view(request, *args, **kwargs)
        except Refusal as refusal:
            error = {"error": refusal.code, "message": refusal.message}
            return JsonResponse(error, status=refusal.status)
        except interactions.NotFree:
            return _conflict("not_free", _("A colleague was faster, or it is closed."))
        except interactions.CannotClose as rule:
            return _conflict(rule.code, str(rule.words))
        except IllegalMove:
            return _conflict("illegal_move", _("This cannot be done with it any more."))

    return answer


def _may(user: Any) -> bool:
    return bool(user.has_perm(_MAY))


def _conflict(code: str, message: str) -> JsonResponse:
    return JsonResponse({"error": code, "message": message}, status=409)


@_answers
def act(request: HttpRequest, pk: int, verb: str) -> JsonResponse:
    """`POST /console/desk/42/close/`: the row afterwards."""
    work = VERBS.get(verb)
    if work is None:
        raise Http404
    agent = access.agent_of(request.user)
    assert agent is not None  # noqa: S101 (checked by _answers)
    with transaction.atomic():
        others = _named_colleague(request) if verb in ("transfer", "join") else []
        refused = work(request, _locked(request, pk, agent, *others), agent)
    if refused is not None:
        raise refused
    found = rows.rows(request.user, agent, [pk])
    return JsonResponse({"row": found[0] if found else None, "i": pk})


@_answers
def next_please(request: HttpRequest) -> JsonResponse:
    """`POST /console/desk/next/`: the first one in line that I may take, in my hands."""
    agent = access.agent_of(request.user)
    assert agent is not None  # noqa: S101 (checked by _answers)
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


def _mine_or_nobodys(row: Interaction, agent: Agent) -> None:
    if row.agent_id is not None and row.agent_id != agent.pk:
        raise Refusal("not_yours", _("%(name)s has this exchange.") % {"name": row.agent})
    if row.status == Status.CLOSED:
        raise Refusal("closed", _("It is closed."))


def _mine(row: Interaction, agent: Agent) -> None:
    _mine_or_nobodys(row, agent)
    if row.agent_id is None:
        raise Refusal("not_taken", _("Take it first."))


def _answers_it(row: Interaction, agent: Agent) -> None:
    if agent not in interactions.assistants(row):
        _mine(row, agent)


# -- the verbs


def _take(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    interactions.take(row.pk, agent)


def _text(request: HttpRequest, row: Interaction, note: bool) -> str:
    """What is said live holds no card number (crm.text)."""
    text = request.POST.get("text", "")
    return text if note or not registry.channel(row.channel).live else mask_cards(text)


def _say(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """One message or note, once per client_id; `then` may wait for the customer, or close."""
    note = request.POST.get("kind") == Message.Kind.NOTE
    text, client_id = _text(request, row, note), request.POST.get("client_id", "")
    then = request.POST.get("then", "")
    if (
        not text.strip()
        or not client_id
        or len(client_id) > 64
        or then not in ("", "wait", "close")
    ):
        raise Refusal("malformed", _("There is nothing to send."), 400)
    if len(text) > LONGEST.get(row.channel, LONGEST_LETTER):
        raise Refusal("too_large", _("This is too long for one message."), 400)
    known = row.messages.filter(client_id=client_id, agent=agent).exists()
    if not note and not known:
        _answers_it(row, agent)
    if not known and not note and request.POST.get("personal"):
        _say_personal(row, agent, text, client_id)
    elif not known:
        posting.post(
            row,
            author=Message.Author.AGENT,
            kind=Message.Kind.NOTE if note else Message.Kind.TEXT,
            text=text,
            agent=agent,
            client_id=client_id,
            to_customer=not note,
        )
    if then == "wait" and row.status != Status.CLOSED:
        interactions.wait_for_customer(row, by=agent)
    elif then == "close" and row.status != Status.CLOSED:
        _close(request, row, agent)


def _file(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _answers_it(row, agent)
    filing.say(request, row, agent)


def _say_personal(row: Interaction, agent: Agent, text: str, client_id: str) -> None:
    try:
        verification.say_personal(row, agent=agent, text=text, client_id=client_id)
    except verification.NotVerified:
        raise Refusal(
            "not_verified", _("Not verified: what is personal is not sent yet.")
        ) from None


def _transfer(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _mine_or_nobodys(row, agent)
    colleague = next(iter(_named_colleague(request)), None)
    queue = None
    if key := _number(request, "to_queue"):
        queue = Queue.objects.filter(pk=key).first()
    if (colleague is None) == (queue is None) or colleague == agent:
        raise Refusal("malformed", _("Choose a queue or a colleague."), 400)
    note = request.POST.get("note", "")[:5000].strip()
    interactions.transfer(row, by=agent, to_agent=colleague, to_queue=queue, note=note)


def _named_colleague(request: HttpRequest) -> list[Agent]:
    key = _number(request, "to_agent")
    return list(Agent.objects.filter(pk=key, user__is_active=True)) if key else []


def _wait(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _mine(row, agent)
    interactions.wait_for_customer(row, by=agent)


def _snooze(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _mine(row, agent)
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    if until is None or until.tzinfo is None or not _is_ahead(until):
        raise Refusal("malformed", _("Choose a time to come."), 400)
    interactions.snooze(row, by=agent, until=until)


def _is_ahead(until: datetime) -> bool:
    return 0 < (until - clock.now()).total_seconds() < 366 * 24 * 3600


def _close(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _mine_or_nobodys(row, agent)
    outcome = request.POST.get("outcome", "")
    nature = request.POST.get("nature", "")
    if outcome not in interactions.BY_HAND or nature not in ("", *Interaction.Nature.values):
        raise Refusal("malformed", _("Say what came of it."), 400)
    subject = named_subject(request.POST)
    founded = {"yes": True, "no": False}.get(request.POST.get("founded", ""))
    interactions.close(
        row, by=agent, outcome=outcome, real_subject=subject, nature=nature, founded=founded
    )


def named_subject(given: QueryDict) -> Subject | None:
    key = given.get("subject", "")
    if not key:
        return None
    found = Subject.objects.filter(pk=key, is_active=True).first() if key.isdigit() else None
    if found is None:
        raise Refusal("malformed", _("Choose a subject."), 400)
    return found


def _go_on(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _mine_or_nobodys(row, agent)
    handing.go_on(request, row, agent, named_subject(request.POST))


def _join(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _mine(row, agent)
    handing.join(row, agent, next(iter(_named_colleague(request)), None))


def _part(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """Whoever assists leaves; the holder goes on alone."""
    interactions.part(row, agent)


def _prolong(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _mine(row, agent)
    interactions.prolong(row, by=agent)


def _reopen(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    interactions.take_up(row, agent)


def _send_code(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _mine(row, agent)
    verifying.send_code(request, row, agent)


def _verify(request: HttpRequest, row: Interaction, agent: Agent) -> Refusal | None:
    _mine(row, agent)
    return verifying.confirm(request, row, agent)


def _complain(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """Turn it into a complaint, or change whose it is and its level."""
    owner = None
    if key := _number(request, "owner"):
        owner = Agent.objects.filter(pk=key, user__is_active=True).first()
        if owner is None:
            raise Refusal("malformed", _("Choose a colleague."), 400)
    if not Complaint.objects.filter(interaction=row.pk).exists():
        complaints.turn_into(row, by=agent, owner=owner)
        return
    if owner:
        complaints.give_to(row, owner, by=agent)
    if request.POST.get("level"):
        complaints.next_level(row, by=agent)


VERBS: dict[str, Verb] = {
    "take": _take,
    "say": _say,
    "file": _file,
    "transfer": _transfer,
    "wait": _wait,
    "snooze": _snooze,
    "close": _close,
    "reopen": _reopen,
    "go_on": _go_on,
    "join": _join,
    "part": _part,
    "prolong": _prolong,
    "complain": _complain,
    "send_code": _send_code,
    "verify": _verify,
    "fill": filling.fill,
}


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


@_answers
def set_state(request: HttpRequest) -> JsonResponse:
    """What the agent does now."""
    agent = access.agent_of(request.user)
    assert agent is not None  # noqa: S101 (checked by _answers)
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
