"""The survey: a page that works without JavaScript, and the card's address."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.models import Consent
from crm.services import access, limits, privacy
from selfcare.models import Answer, Survey, SurveyInvitation
from selfcare.services import answers, designs, links, questions

from . import pages, survey_pages
from .callback_form import language
from .grants import grant, granted

_PRESELECTED = set(questions.SCALE_KEYS.values())  # what a mail's button may choose
_LARGEST = 10_000  # bytes of a card's answer


@require_GET
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail or card, exchanged for a clean address. Whoever only looks votes nothing:
    `?score=4` is preselected on the page, and sending the page is what counts."""
    try:
        pk = links.read(links.SURVEY, token)
    except links.BadLink:
        return _over(request)
    grant(request, links.SURVEY, pk)
    answer = redirect("selfcare:survey_page", pk)
    chosen = {key: value for key, value in request.GET.items() if key in _PRESELECTED}
    if chosen:
        answer["Location"] += f"?{urlencode(chosen)}"
    return answer


def _over(request: HttpRequest) -> HttpResponse:
    context = pages.common(request) | {"what": "survey"}
    return render(request, "selfcare/link_over.html", context, status=410)


def _mine(request: HttpRequest, pk: int) -> SurveyInvitation:
    """The invitation of whoever has its link, or of the customer signed in; else there is none."""
    found = get_object_or_404(
        SurveyInvitation.objects.select_related(
            "interaction", "customer", "agent", "version__survey", "answer"
        ),
        pk=pk,
    )
    owner = found.customer.user_id
    signed_in = request.user.is_authenticated and owner == request.user.pk
    if not (signed_in or granted(request, links.SURVEY, pk)):
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
def survey_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Without JavaScript: page 0 asks what everybody is asked; what its answers make worth asking
    follows on the next one, when the first has counted already."""
    invitation = _mine(request, pk)
    if not answers.is_open(invitation):
        return _over(request)
    given = _given(invitation)
    number = request.GET.get("page", "")
    page = survey_pages.Page(
        invitation.questions(), int(number) if number.isdecimal() else 0, given, language()
    )
    if not page.questions:
        return redirect("selfcare:survey_page" if page.number else "selfcare:survey_thanks", pk)
    if request.method == "POST":
        return _vote(request, invitation, page)
    return _show(request, invitation, page, given | request.GET.dict())


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def survey_stop(request: HttpRequest, token: str) -> HttpResponse:
    """No surveys any more: by one POST of the mail program (RFC 8058), or by the page's button.
    Whoever only looks changes nothing."""
    try:
        pk = links.read(links.SURVEY, token)
    except links.BadLink:
        return _over(request)
    found = get_object_or_404(SurveyInvitation.objects.select_related("customer"), pk=pk)
    if request.method == "POST":
        privacy.object_to(found.customer, Consent.Purpose.SURVEY, by=None, source="mail")
    context = pages.common(request) | {"token": token, "done": request.method == "POST"}
    return render(request, "selfcare/survey_stop.html", context)


def _given(invitation: SurveyInvitation) -> dict[str, Any]:
    answer = getattr(invitation, "answer", None)
    return answers.values(answer) if answer else {}


def _vote(
    request: HttpRequest, invitation: SurveyInvitation, page: survey_pages.Page
) -> HttpResponse:
    values, faults = page.read(request.POST)
    if faults:
        return _show(request, invitation, page, request.POST.dict(), faults, status=422)
    via = Answer.Via.MAIL if invitation.delivery == "mail" else Answer.Via.PORTAL
    try:
        found = answers.answer(invitation.pk, via=via, language=language(), **values)
    except answers.NotAsked:
        return _over(request)
    except answers.TooLate:
        error = gettext("Your answer can no longer be changed.")
        return _show(request, invitation, page, _given(invitation), {"": error}, status=409)
    following = page.following(answers.values(found))
    if following is None:
        return redirect("selfcare:survey_thanks", invitation.pk)
    answer = redirect("selfcare:survey_page", invitation.pk)
    answer["Location"] += f"?page={following}"
    return answer


@require_http_methods(["GET", "POST"])
def survey_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What is being written, as customers will see it, page after page; nothing is stored."""
    if not (access.is_staff(request.user) and request.user.has_perm("selfcare.view_survey")):  # type: ignore[union-attr]
        raise Http404
    asked = designs.draft(get_object_or_404(Survey, pk=pk))
    given, _faults = questions.read_all(asked, request.POST)
    number = request.POST.get("page", "")
    page = survey_pages.Page(asked, int(number) if number.isdecimal() else 0, given, language())
    faults: dict[str, str] = {}
    if request.method == "POST":
        _values, faults = page.read(request.POST)
        following = page.following(given)
        if not faults:
            page = survey_pages.Page(asked, following or len(asked), given, language())
    shown = {question["key"] for question in page.questions}
    carried = {key: request.POST[key] for key in given if key not in shown}
    context = {
        **pages.common(request),
        **page.context(request.POST.dict(), faults),
        "carried": carried | {"page": page.number},
        "is_over": bool(asked) and not page.questions,
    }
    return render(request, "selfcare/survey_preview.html", context)


@require_GET
def survey_thanks(request: HttpRequest, pk: int) -> HttpResponse:
    context = pages.common(request) | {"invitation": _mine(request, pk)}
    return render(request, "selfcare/survey_thanks.html", context)


def _show(
    request: HttpRequest,
    invitation: SurveyInvitation,
    page: survey_pages.Page,
    chosen: dict[str, Any],
    faults: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **pages.common(request),
        "invitation": invitation,
        "interaction": invitation.interaction,
        **page.context(chosen, faults),
    }
    return render(request, "selfcare/survey_page.html", context, status=status)


@csrf_exempt  # the signed token is the right to answer; the widget sends no cookie
@require_POST
def survey_score(request: HttpRequest, token: str) -> JsonResponse:
    """The card's vote: {"score": 1-5, "comment"?, "effort"?, "solved"?} → {"score": …}.

    Colleagues see the card too; they do not answer for the customer."""
    if request.user.is_authenticated and request.user.is_staff:
        return JsonResponse({"error": "forbidden"}, status=403)
    if not limits.allow("survey", limits.sender(request), limit=120, seconds=600):
        return JsonResponse({"error": "too_fast"}, status=429)
    try:
        pk = links.read(links.SURVEY, token)
        data = _body(request)
    except (links.BadLink, ValueError):
        return JsonResponse({"error": "malformed"}, status=400)
    return _counted(pk, data)


def _body(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > _LARGEST:
        raise ValueError("too large")
    if request.content_type != "application/json":
        return request.POST.dict()
    data = json.loads(request.body)
    if not isinstance(data, dict):
        raise ValueError("an object is expected")
    return data


def _counted(pk: int, data: dict[str, Any]) -> JsonResponse:
    invitation = SurveyInvitation.objects.select_related("version").filter(pk=pk).first()
    asked = invitation.questions() if invitation else []
    values, faults = questions.read_all(asked, data)
    lead = questions.lead(asked)
    if lead and lead["key"] not in values:
        faults.append(lead["key"])
    if invitation and faults:
        return JsonResponse({"error": "malformed", "fields": faults}, status=400)
    try:
        answer = answers.answer(pk, via=Answer.Via.CARD, language=language(), **values)
    except answers.NotAsked:
        return JsonResponse({"error": "closed"}, status=410)
    except answers.TooLate:
        return JsonResponse({"error": "closed"}, status=409)
    return JsonResponse({"score": answer.score, "thanks": gettext("Thank you for your answer.")})
