"""Book a call, see what was promised, move it or cancel it."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm import clock
from crm.models import Status, Subject, VisitStep
from crm.services import customers, kept, limits
from crm.services import hours as hours_words
from selfcare.models import Callback
from selfcare.services import (
    call_rules,
    callbacks,
    incidents,
    links,
    phone_book,
    promises,
    slots,
    words,
    zones,
)

from . import pages, visits
from .callback_form import NOW, CallbackForm, MoveForm, choice, days, language
from .grants import grant, granted, granted_keys


@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest) -> HttpResponse:
    """First the subject, then time and number: two pages, so that both work without JavaScript."""
    slug = request.POST.get("subject") or request.GET.get("subject") or ""
    subject = _subjects().called(slug).first()
    if subject is None:
        context = pages.common(request) | {"groups": _groups()}
        context["incidents"] = incidents.everywhere()
        context["carried"] = pages.typed(request.GET.get("title", ""), 200)
        return render(request, "selfcare/callback_subject.html", context)
    if request.method == "POST":
        return _book(request, subject)
    return _show_form(
        request,
        subject,
        CallbackForm(initial=_initial(request), subject=subject),
    )


def _initial(request: HttpRequest) -> dict[str, str]:
    """What is known of who asks, and what they wrote before they came here."""
    written = pages.typed(request.GET.get("title", ""), 200)
    return (
        pages.known(request)
        | {"about": written}
        | _as_before(request)
        | pages.kept_words(request, "about")
    )


def _as_before(request: HttpRequest) -> dict[str, str]:
    """Of a call that they ask for again, what they typed then; never what the record knows."""
    key = request.GET.get("again", "")
    try:
        old = _mine(request, int(key)) if key.isdecimal() and len(key) < 19 else None
    except Http404:
        old = None
    if old is None:
        return {}
    return {"phone": words.phone(old.phone), "mail": old.mail, "about": old.asked_text}


def _subjects():
    return Subject.objects.leaves().with_hours()


def _groups() -> list[dict[str, Any]]:
    at = clock.now()
    groups: dict[str, list[dict[str, Any]]] = {}
    for subject in _subjects().order_by("parent__position", "position"):
        hours = subject.hours()
        opening = hours and slots.fit(at, hours, settings.TIME_ZONE)
        if opening is None:
            continue
        now = opening <= at
        groups.setdefault(subject.parent.name if subject.parent else "", []).append(
            {
                "subject": subject,
                "now": now,
                "from": "" if now else words.moment(opening, language()),
            }
        )
    return [{"label": label, "subjects": found} for label, found in groups.items()]


def _times(subject: Subject, zone: str, at: datetime) -> dict[str, Any]:
    now = promises.at_once(subject, at=at, zone=zone, language=language())
    return {
        "now_value": NOW if now else "",
        "now_words": now,
        "nobody_now": not now and subject.is_open(at) and slots.decent(at, zone),
        "days": days(subject, at=at, zone=zone),
        "because": hours_words.because(subject.hours(), at, language()),
    }


def _show_form(
    request: HttpRequest,
    subject: Subject,
    form: CallbackForm,
    alternatives: list[slots.Slot] | None = None,
    status: int = 200,
) -> HttpResponse:
    zone = _zone(request)
    context = {
        **pages.common(request),
        "form": form,
        "zone": zone,
        "zone_name": zones.title(zone),
        "zone_said": "zone" in request.POST or "zone" in request.GET,
        "zones": zones.OFFERED,
        "rule": call_rules.of(subject.queue),
        "zone_codes": [code for code, _name in zones.OFFERED],
        "subject": subject,
        "incidents": incidents.open_about([subject]),
        "cancel_url": phone_book.cancel_url(subject),
        "chosen": form["when"].value() or NOW,
        "alternatives": [choice(slot, zone, with_day=True) for slot in alternatives or []],
        **_times(subject, zone, clock.now()),
    }
    return render(request, "selfcare/callback_form.html", context, status=status)


def _zone(request: HttpRequest) -> str:
    """Where the customer is: as they say, else as their record says."""
    said = zones.known(request.POST.get("zone") or request.GET.get("zone") or "")
    if said:
        return said
    customer = customers.of_account(request.user)
    return customer.time_zone if customer else settings.TIME_ZONE


def _book(request: HttpRequest, subject: Subject) -> HttpResponse:
    if request.POST.get("shown_zone", _zone(request)) != _zone(request):
        # they say where they are: the times again as their clock shows them, the rest as typed
        return _show_form(
            request, subject, CallbackForm(initial=request.POST.dict(), subject=subject)
        )
    form = CallbackForm(request.POST, subject=subject)
    if not form.is_valid():
        return _show_form(request, subject, form, status=422)
    phone = form.cleaned_data["phone"]
    if own := _own_open(request, phone):  # the second click of two
        return redirect("selfcare:callback_page", own)
    if not _may_ask(request, phone):
        form.add_error(None, _too_often())
        return _show_form(request, subject, form, status=429)
    try:
        made = _request(request, subject, form)
    except callbacks.SlotTaken as refusal:
        form.add_error("when", str(refusal))
        return _show_form(request, subject, form, refusal.alternatives, status=409)
    except callbacks.Refused as refusal:
        form.add_error(None, str(refusal))
        return _show_form(request, subject, form, status=409)
    grant(request, links.CALLBACK, made.pk)
    return redirect("selfcare:callback_page", made.pk)


def _own_open(request: HttpRequest, phone: str) -> int | None:
    return (
        Callback.objects.filter(pk__in=granted_keys(request, links.CALLBACK), phone=phone)
        .exclude(interaction__status=Status.CLOSED)
        .values_list("pk", flat=True)
        .first()
    )


def _may_ask(request: HttpRequest, phone: str) -> bool:
    return limits.allow(
        "callback", limits.sender(request), limit=20, seconds=3600
    ) and limits.allow("callback-number", phone, limit=5, seconds=86400)


def _too_often() -> str:
    return gettext("This was asked too often from here. Please try again in an hour.")


def _request(request: HttpRequest, subject: Subject, form: CallbackForm) -> Callback:
    data = form.cleaned_data
    customer = customers.of_account(request.user) or callbacks.caller(
        phone=data["phone"], mail=data["mail"], name=data["name"], language=language()
    )
    stay = visits.step(request, VisitStep.Kind.ASK, subject.name, target=request.path)
    if stay:
        customers.attach_visit(stay, customer)
    made = callbacks.request(
        customer,
        phone=data["phone"],
        subject=subject,
        slot=data["when"],
        zone=data["zone"],
        asked_text=data["about"],
        mail=data["mail"],
        language=language(),
        visit=stay,
        device=stay.device if stay else "",
    )
    kept.continued(kept.read(data["kept"]), made.interaction)
    return made


@require_GET
def callback_link(request: HttpRequest, token: str) -> HttpResponse:
    """The mail's link, exchanged for a clean address."""
    try:
        pk = links.read(links.CALLBACK, token)
    except links.BadLink:
        context = pages.common(request) | {"what": "callback"}
        return render(request, "selfcare/link_over.html", context, status=410)
    grant(request, links.CALLBACK, pk)
    return redirect("selfcare:callback_page", pk)


def _mine(request: HttpRequest, pk: int) -> Callback:
    """The callback of whoever has its link, or of the customer signed in; else there is none."""
    found = get_object_or_404(
        Callback.objects.select_related("interaction__subject", "interaction__customer"), pk=pk
    )
    owner = found.interaction.customer.user_id
    signed_in = request.user.is_authenticated and owner == request.user.pk
    if not (signed_in or granted(request, links.CALLBACK, pk)):
        raise Http404
    return found


@require_GET
def callback_page(request: HttpRequest, pk: int) -> HttpResponse:
    return _show_page(request, _mine(request, pk))


def _show_page(
    request: HttpRequest,
    found: Callback,
    error: str = "",
    alternatives: list[slots.Slot] | None = None,
    status: int = 200,
) -> HttpResponse:
    interaction = found.interaction
    changeable = interaction.status in (Status.WAITING, Status.PENDING)
    context: dict[str, Any] = {
        **pages.common(request),
        "callback": found,
        "interaction": interaction,
        "promise": promises.in_words(found, language()),
        "phone": words.phone(found.phone),
        "error": error,
        "rule": call_rules.of(interaction.queue),
        "zone_name": zones.title(found.time_zone),
        "changeable": changeable,
        "alternatives": [
            choice(slot, found.time_zone, with_day=True) for slot in alternatives or []
        ],
    }
    if changeable and interaction.subject:
        context |= _times(interaction.subject, found.time_zone, clock.now())
        if not found.slot_start:
            context["now_value"] = ""  # it is "now" already
    return render(request, "selfcare/callback_page.html", context, status=status)


@require_POST
def callback_move(request: HttpRequest, pk: int) -> HttpResponse:
    found = _mine(request, pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _show_page(
            request, found, " ".join(map(str, form.errors.get("when", []))), status=422
        )
    try:
        callbacks.move(pk, form.cleaned_data["when"])
    except callbacks.SlotTaken as refusal:
        return _show_page(request, found, str(refusal), refusal.alternatives, status=409)
    except callbacks.Refused as refusal:
        return _show_page(request, found, str(refusal), status=409)
    return redirect("selfcare:callback_page", pk)


@require_POST
def callback_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _mine(request, pk)
    try:
        callbacks.cancel(pk)
    except callbacks.Refused as refusal:
        return _show_page(request, found, str(refusal), status=409)
    return redirect("selfcare:callback_page", pk)
