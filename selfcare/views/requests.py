"""What the customer asked over all channels: where each stands, and what happens next."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from crm import registry
from crm.models import Interaction, Message, Status
from crm.services import blocks, files, limits, regrouping, verification
from selfcare.services import answers, links, my_requests, promises, words

from . import pages
from .callback_form import language
from .grants import grant, granted_keys
from .sending import FilesField, why_not


def _mine(request: HttpRequest) -> QuerySet[Interaction]:
    """The signed-in customer's own, and those whose link this browser opened; a colleague sees
    here what they asked as a customer."""
    own = Q(pk__in=granted_keys(request, links.REQUEST))
    if request.user.is_authenticated:
        seen = Interaction.objects.visible_to(request.user).filter(customer__user=request.user)
        own |= Q(pk__in=seen.values("pk"))
    return (
        Interaction.objects.filter(own)
        .select_related(
            "agent", "subject", "callback", "customer", "survey_invitation__version__survey"
        )
        .order_by("-opened_at")
    )


@login_required
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    found = _mine(request).filter(customer__user=request.user)[:100]  # type: ignore[misc]  # login_required
    context = pages.common(request) | {"rows": [_row(one) for one in found]}
    return render(request, "selfcare/requests.html", context)


class AnswerForm(forms.Form):
    text = forms.CharField(
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        label=gettext_lazy("Your answer"),
        error_messages={"required": gettext_lazy("Write what you would like to add.")},
    )
    sent = FilesField()
    key = forms.UUIDField(widget=forms.HiddenInput)


@require_GET
def request_link(request: HttpRequest, token: str) -> HttpResponse:
    """The mail's link, exchanged for a clean address."""
    try:
        pk = links.read(links.REQUEST, token)
    except links.BadLink:
        context = pages.common(request) | {"what": "request"}
        return render(request, "selfcare/link_over.html", context, status=410)
    found = Interaction.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    grant(request, links.REQUEST, pk)
    return redirect("selfcare:request_detail", found.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def request_detail(request: HttpRequest, reference: str) -> HttpResponse:
    found = _mine(request).filter(pk__in=Interaction.objects.by_reference(reference)).first()
    if found is None or found.reference != reference:
        if not request.user.is_authenticated:  # whoever has an account signs in and is here again
            return redirect_to_login(request.get_full_path())
        raise Http404
    if (now := regrouping.present(found.pk)) != found.pk:  # merged: it goes on there
        grant(request, links.REQUEST, now)
        target = Interaction.objects.get(pk=now).reference
        return redirect("selfcare:request_detail", target)
    if request.method == "POST":
        return _answer(request, found)
    return _show(request, found, AnswerForm(initial={"key": uuid.uuid4()}))


def _show(
    request: HttpRequest, found: Interaction, form: AnswerForm, status: int = 200
) -> HttpResponse:
    shown = found.messages.filter(
        customer_seq__isnull=False, deleted_at=None, kind=Message.Kind.TEXT
    )
    lines = list(shown.select_related("agent").order_by("pk"))
    attached = files.all_of([line.pk for line in lines], found.pk)
    context = pages.common(request) | _row(found)
    context["lines"] = [(line, attached.get(line.pk, [])) for line in lines]
    context["form"] = form if my_requests.takes_words(found) else None
    return render(request, "selfcare/request_detail.html", context, status=status)


def _answer(request: HttpRequest, found: Interaction) -> HttpResponse:
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, found, form, status=422)
    if not limits.allow("answer", limits.sender(request), limit=30, seconds=3600):
        return pages.too_fast(request)
    data = form.cleaned_data
    try:
        where = my_requests.answer(found, data["text"], data["sent"], key=str(data["key"]))
    except (files.Refused, my_requests.TooMany) as refusal:
        form.add_error("sent", why_not(refusal))
    except blocks.Blocked as refusal:
        form.add_error(None, str(refusal))
    except my_requests.NotHere:
        form.add_error(None, _("Somebody is with you right now: please answer there."))
    else:
        if where.customer.user_id == request.user.pk and where != found:
            verification.vouch(where, verification.PORTAL)
        grant(request, links.REQUEST, where.pk)
        messages.success(request, _("It has arrived. Our answer comes here and by email."))
        return redirect("selfcare:request_detail", where.reference)
    return _show(request, found, form, status=422)


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
