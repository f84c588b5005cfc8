"""What the desk does with exchanges that travel as letters: copies and files, calling an answer
back, handing it on to somebody outside, putting requests together and apart."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from crm.models import Agent, Interaction, Message, Regrouping
from crm.services import answering, files, regrouping, verification

from .checks import number
from .refusal import Refusal


def say(request: HttpRequest, row: Interaction, agent: Agent, text: str) -> dict[str, Any]:
    """An answer, with whom it is copied to and what goes along; how long it can be called back."""
    try:
        message = answering.answer(
            row,
            agent=agent,
            text=text,
            client_id=request.POST.get("client_id", ""),
            personal=bool(request.POST.get("personal")),
            cc=answering.addresses(request.POST.get("cc", "")),
            bcc=answering.addresses(request.POST.get("bcc", "")),
            attached=answering.check_files(request.FILES.getlist("files")),
        )
    except answering.BadAddress as wrong:
        raise Refusal("address", str(wrong), 400) from None
    except files.Refused as refused:
        raise Refusal(refused.code, str(refused.words), 400) from None
    except answering.NotByLetter:
        raise Refusal("malformed", _("There are no copies and files here."), 400) from None
    except verification.NotVerified:
        said = _("Not verified: what is personal is not sent yet.")
        raise Refusal("not_verified", said) from None
    return {"said": message.pk, "call_back": answering.seconds_to_call_back(row)}


def preview(request: HttpRequest, row: Interaction, agent: Agent) -> dict[str, Any]:
    """How it would leave."""
    unsaid = Message(
        interaction=row,
        author=Message.Author.AGENT,
        agent=agent,
        text=request.POST.get("text", "")[:100_000],
    )
    subject, html = _letters(row).preview(row, unsaid)
    return {"subject": subject, "html": html}


def call_back(request: HttpRequest, row: Interaction, agent: Agent) -> dict[str, Any]:
    try:
        message = answering.call_back(_message(request, row), by=agent)
    except (answering.TooLate, answering.NotByLetter):
        raise Refusal("too_late", _("It has left already.")) from None
    return {"text": message.text}


def send_again(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    if not _letters(row).send_again(_message(request, row)):
        raise Refusal("not_failed", _("It has not failed, or there is no address to send it to."))


def forward(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """One message, or the whole conversation."""
    _letters(row)
    try:
        to = answering.addresses(request.POST.get("to", ""))
    except answering.BadAddress as wrong:
        raise Refusal("address", str(wrong), 400) from None
    if not to:
        raise Refusal("address", _("Write to whom it goes."), 400)
    said = row.messages.filter(kind=Message.Kind.TEXT, deleted_at=None)
    if request.POST.get("message"):
        said = said.filter(pk=_message(request, row).pk)
    answering.forward(
        row,
        by=agent,
        to=to,
        text=request.POST.get("text", "")[:20_000].strip(),
        client_id=request.POST.get("client_id", "")[:64],
        messages=list(said.prefetch_related("attachments").order_by("pk")),
        with_files=bool(request.POST.get("files")),
    )


def merge(request: HttpRequest, row: Interaction, agent: Agent) -> dict[str, Any]:
    """This one into the other."""
    _try(regrouping.merge, row, _other(request), by=agent)
    return {"to": regrouping.present(row.pk)}


def split(request: HttpRequest, row: Interaction, agent: Agent) -> dict[str, Any]:
    step = _try(
        regrouping.split,
        row,
        _message(request, row),
        by=agent,
        onwards=bool(request.POST.get("onwards")),
        title=request.POST.get("title", "")[:200].strip(),
    )
    return {"to": step.target_id}


def link(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    _try(regrouping.link, row, _other(request), by=agent)


def undo(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """One step of the journal around this exchange."""
    step = regrouping.journal(row).filter(pk=number(request, "step") or 0).first()
    if step is None:
        raise Refusal("malformed", _("There is nothing to undo."), 400)
    for side in (step.source, step.target):
        _seen(request, side.pk)
    _try(regrouping.undo, step, by=agent)


def spam(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """It closes as spam, and its sender is kept out from now on."""
    if not _letters(row).spam(row, agent.user):
        raise Refusal("no_sender", _("Nobody wrote this by mail."))


def suggestions(row: Interaction) -> list[dict[str, Any]]:
    """What it may be merged with or linked to: the customer's others, the latest first."""
    others = Interaction.objects.filter(customer=row.customer_id).exclude(pk=row.pk)
    kept = others.exclude(outcome=Interaction.Outcome.MERGED).order_by("-opened_at")[:20]
    return [
        {"i": one.pk, "ref": one.reference, "title": one.title, "channel": one.channel,
         "open": one.closed_at is None}
        for one in kept
    ]  # fmt: skip


def envelope(row: Interaction) -> dict[str, Any] | None:
    """Whom an answer goes to; None where nothing travels as a letter."""
    try:
        return answering.letters(row).envelope(row)
    except answering.NotByLetter:
        return None


def _letters(row: Interaction) -> Any:
    try:
        return answering.letters(row)
    except answering.NotByLetter:
        raise Refusal("malformed", _("This cannot be done on this channel."), 400) from None


def _try(verb: Any, *given: Any, **more: Any) -> Regrouping:
    try:
        return verb(*given, **more)
    except regrouping.Refused as refused:
        raise Refusal(refused.code, str(refused.words)) from None


def _message(request: HttpRequest, row: Interaction) -> Message:
    found = row.messages.filter(pk=number(request, "message") or 0).first()
    if found is None:
        raise Refusal("malformed", _("This message is not here (any more)."), 400)
    return found


def _seen(request: HttpRequest, key: int) -> Interaction:
    found = Interaction.objects.visible_to(request.user).filter(pk=key).first()
    if found is None:
        raise Refusal("unknown", _("There is no such exchange, or you may not see it."), 400)
    return found


def _other(request: HttpRequest) -> Interaction:
    """Chosen, or typed as its number: 2611-0042."""
    typed = request.POST.get("other", "").strip()
    if "-" in typed:
        seen = Interaction.objects.visible_to(request.user)
        found = seen.filter(pk__in=Interaction.objects.by_reference(typed)[:1]).first()
        if found is not None and found.reference == typed:
            return _seen(request, regrouping.present(found.pk))
    return _seen(request, number(request, "other") or 0)


VERBS: dict[str, Any] = {
    "preview": preview,
    "call_back": call_back,
    "send_again": send_again,
    "forward": forward,
    "merge": merge,
    "split": split,
    "link": link,
    "undo": undo,
    "spam": spam,
}
