"""The survey: a page that works without JavaScript, and the card's address."""

import json
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.services import limits, privacy
from selfcare.models import Answer, SurveyInvitation
from selfcare.services import answers, links, survey_texts

from . import pages
from .callback_form import language
from .grants import grant, granted

_LARGEST = 10_000  # bytes of a card's answer


class AnswerForm(forms.Form):
    """What may come back, whatever the version asks; only the satisfaction is required."""

    score = forms.IntegerField(min_value=1, max_value=5)
    effort = forms.IntegerField(min_value=1, max_value=7, required=False)
    recommendation = forms.IntegerField(min_value=0, max_value=10, required=False)
    solved = forms.NullBooleanField(required=False)
    comment = forms.CharField(max_length=4000, required=False)


@require_GET
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail or card, exchanged for a clean address. Whoever only looks votes nothing:
    `?score=` is preselected on the page, and sending the page is what counts."""
    try:
        pk = links.read(links.SURVEY, token)
    except links.BadLink:
        return _over(request)
    grant(request, links.SURVEY, pk)
    answer = redirect("selfcare:survey_page", pk)
    if (score := request.GET.get("score", "")) in {"1", "2", "3", "4", "5"}:
        answer["Location"] += f"?score={score}"
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
    invitation = _mine(request, pk)
    if not answers.is_open(invitation):
        return _over(request)
    if request.method == "POST":
        return _vote(request, invitation)
    return _show(request, invitation, _stored(invitation, request.GET.get("score", "")))


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
        privacy.object_to_surveys(found.customer, by=None, source="mail")
    context = pages.common(request) | {"token": token, "done": request.method == "POST"}
    return render(request, "selfcare/survey_stop.html", context)


def _vote(request: HttpRequest, invitation: SurveyInvitation) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        error = gettext("Please choose one of the five answers.")
        return _show(request, invitation, request.POST.dict(), error, status=422)
    via = Answer.Via.MAIL if invitation.delivery == "mail" else Answer.Via.PORTAL
    try:
        answers.answer(invitation.pk, via=via, language=language(), **form.cleaned_data)
    except answers.NotAsked:
        return _over(request)
    except answers.TooLate:
        error = gettext("Your answer can no longer be changed.")
        return _show(request, invitation, _stored(invitation, ""), error, status=409)
    return redirect("selfcare:survey_thanks", invitation.pk)


@require_GET
def survey_thanks(request: HttpRequest, pk: int) -> HttpResponse:
    context = pages.common(request) | {"invitation": _mine(request, pk)}
    return render(request, "selfcare/survey_thanks.html", context)


def _stored(invitation: SurveyInvitation, preselected: str) -> dict[str, str]:
    """What the page shows as chosen: the stored answer, else what the mail's button said."""
    answer = getattr(invitation, "answer", None)
    if answer is None:
        return {"score": preselected}
    return {
        "score": preselected or str(answer.score),
        "effort": str(answer.effort or ""),
        "recommendation": "" if answer.recommendation is None else str(answer.recommendation),
        "solved": "" if answer.solved is None else str(answer.solved).lower(),
        "comment": answer.comment,
    }


def _show(
    request: HttpRequest,
    invitation: SurveyInvitation,
    chosen: dict[str, str],
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        **pages.common(request),
        "invitation": invitation,
        "interaction": invitation.interaction,
        "questions": _questions(invitation, chosen),
        "error": error,
    }
    return render(request, "selfcare/survey_page.html", context, status=status)


def _questions(invitation: SurveyInvitation, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """The version's questions with their steps, ready to draw."""
    version = invitation.version
    return [
        {
            **question,
            "value": chosen.get(question["key"], ""),
            "steps": _steps(question["kind"], chosen.get(question["key"], "")),
        }
        for question in (version.questions_in(language()) if version else [])
    ]


def _steps(kind: str, value: str) -> list[dict[str, Any]]:
    if kind == "satisfaction":
        words = enumerate(survey_texts.labels(language()), start=1)
        steps = [(str(number), label) for number, label in words]
    elif kind == "yes_no":
        steps = [("true", gettext("Yes")), ("false", gettext("No"))]
    else:
        low, high = {"effort": (1, 7), "recommendation": (0, 10)}.get(kind, (1, 0))
        steps = [(str(number), "") for number in range(low, high + 1)]
    return [{"value": v, "label": label, "checked": v == value} for v, label in steps]


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
        form = AnswerForm(_body(request))
    except (links.BadLink, ValueError):
        return JsonResponse({"error": "malformed"}, status=400)
    if not form.is_valid():
        return JsonResponse({"error": "malformed", "fields": form.errors}, status=400)
    return _counted(pk, form)


def _body(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > _LARGEST:
        raise ValueError("too large")
    if request.content_type != "application/json":
        return request.POST.dict()
    data = json.loads(request.body)
    if not isinstance(data, dict):
        raise ValueError("an object is expected")
    return data


def _counted(pk: int, form: AnswerForm) -> JsonResponse:
    try:
        answer = answers.answer(pk, via=Answer.Via.CARD, language=language(), **form.cleaned_data)
    except answers.NotAsked:
        return JsonResponse({"error": "closed"}, status=410)
    except answers.TooLate:
        return JsonResponse({"error": "closed"}, status=409)
    return JsonResponse({"score": answer.score, "thanks": gettext("Thank you for your answer.")})
