"""What the customer asked over all channels: where each stands, and what happens next."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from crm import registry
from crm.models import Interaction, Message, Status
from selfcare.services import answers, promises, words

from . import pages
from .callback_form import language


def _mine(request: HttpRequest) -> Any:
    """The signed-in customer's own; a colleague sees here what they asked as a customer."""
    return (
        Interaction.objects.visible_to(request.user)
        .filter(customer__user=request.user)  # type: ignore[misc]  # login_required
        .select_related("agent", "subject", "callback", "survey_invitation__version__survey")
        .order_by("-opened_at")
    )


@login_required
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    found = _mine(request)[:100]
    context = pages.common(request) | {"rows": [_row(one) for one in found]}
    return render(request, "selfcare/requests.html", context)


@login_required
@require_GET
def request_detail(request: HttpRequest, reference: str) -> HttpResponse:
    shown = Message.objects.filter(
        customer_seq__isnull=False, deleted_at=None, kind=Message.Kind.TEXT
    ).select_related("agent")
    found = (
        _mine(request)
        .filter(pk__in=Interaction.objects.by_reference(reference))
        .prefetch_related(Prefetch("messages", shown.order_by("pk"), to_attr="lines"))
        .first()
    )
    if found is None or found.reference != reference:
        raise Http404
    context = pages.common(request) | _row(found)
    return render(request, "selfcare/request_detail.html", context)


def _row(interaction: Interaction) -> dict[str, Any]:
    invitation = getattr(interaction, "survey_invitation", None)
    return {
        "interaction": interaction,
        "channel": registry.channel(interaction.channel),
        "callback": getattr(interaction, "callback", None),
        "opened": words.moment(interaction.opened_at, language()),
        "state": _state(interaction),
        "next": _next(interaction),
        "survey": invitation if invitation and answers.is_open(invitation) else None,
    }


def _state(interaction: Interaction) -> str:
    return {
        Status.WAITING: _("Received"),
        Status.ACTIVE: _("In progress"),
        Status.PENDING: _("Your turn"),
        Status.CLOSED: pgettext("request", "Closed"),
    }[Status(_shown_status(interaction))]


def _shown_status(interaction: Interaction) -> str:
    """Set aside until a time is still our turn, not the customer's."""
    if interaction.status == Status.PENDING and interaction.wake_at:
        return Status.WAITING
    return interaction.status


def _next(interaction: Interaction) -> str:
    """What happens next, by whom."""
    callback = getattr(interaction, "callback", None)
    status = interaction.status
    if status == Status.CLOSED:
        return _closed(interaction)
    if callback and status != Status.ACTIVE:
        promise = promises.in_words(callback, language())
        return _("We will call you: %(promise)s.") % {"promise": promise}
    if status == Status.ACTIVE and interaction.agent:
        return _("%(name)s is taking care of it.") % {"name": interaction.agent.display_name}
    if _shown_status(interaction) == Status.PENDING:
        return _("We have answered and wait for your reply.")
    return _("An adviser will answer you.")


def _closed(interaction: Interaction) -> str:
    outcome = Interaction.Outcome
    return {
        outcome.CANCELLED: _("You cancelled it."),
        outcome.EXPIRED: _("We could not reach you. You can ask for another call."),
        outcome.HANDED_ON: _("It goes on in another request."),
    }.get(outcome(interaction.outcome), _("It is done. Write to us if it is not solved."))
