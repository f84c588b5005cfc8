"""Search, completion while typing, and the form's proposals."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from crm import clock
from crm.models import Subject, VisitStep
from crm.services import limits
from selfcare import search
from selfcare.models import Audience, Incident, Translation, Vote
from selfcare.services import incidents, offers, phone_book
from selfcare.views import pages, readers, visits
from selfcare.views.help import language

_LONGEST = 200
_PERHAPS = 4  # of what we are not sure of


@never_cache  # it counts for one visit
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """What answers a question; without a good answer, people first and "perhaps" below."""
    asked = pages.typed(request.GET.get("q", ""), _LONGEST)
    context = pages.common(request) | {"typed": asked, "offers": []}
    if asked:
        if not limits.allow("search", limits.sender(request), limit=60, seconds=60):
            return pages.too_fast(request)
        who = readers.audience(request)
        found = search.search(asked, language(), 10, audience=who)
        other = None if found.answered else _in_the_other_language(asked, who)
        sure = found.hits if found.answered else (other or {}).get("hits", [])
        visits.step(request, VisitStep.Kind.SEARCH, asked, value=len(sure))
        shown = found.hits if found.answered else found.hits[:_PERHAPS]
        context |= {"answered": bool(sure), "other": other}
        context["hits"] = [] if other else [row for row, _score in shown]
        context["incidents"] = _incidents(found)
        # who wants to leave is shown the way, whatever else was found
        first = [row.article.subject for row, _score in found.hits[:_PERHAPS]]
        context["cancel_url"] = phone_book.cancel_url(*first)
        context["carried"] = asked
        if not sure:
            context["offers"] = offers.for_subject(
                None, at=clock.now(), zone=settings.TIME_ZONE, language=language()
            )
    return render(request, "selfcare/search.html", context)


def _in_the_other_language(asked: str, who: Audience) -> dict[str, Any] | None:
    """What answers a question that is not in the page's language."""
    other = search.elsewhere(asked, language(), _PERHAPS, audience=who)
    if other is None:
        return None
    spoken, found = other
    hits = [
        {"title": row.title, "url": pages.in_language("selfcare:article", spoken, slug=row.slug)}
        for row, _score in search.read(found, who).hits
    ]
    return {"language": spoken, "hits": hits}


def _incidents(found: search.Results) -> list[Incident]:
    """Those of what was found; all, when nothing sure was."""
    if not found.answered:
        return incidents.everywhere()
    return incidents.open_about(row.article.subject for row, _score in found.hits[:_PERHAPS])


@require_GET
def complete(request: HttpRequest) -> JsonResponse:
    """Titles that what was typed may become: `{"items": [{"title", "url"}]}`."""
    typed = request.GET.get("q", "")[:_LONGEST]
    if not limits.allow("complete", limits.sender(request), limit=300, seconds=60):
        return JsonResponse({"items": []}, status=429)
    found = search.complete(typed, language(), audience=readers.audience(request))
    return _hint({"items": [{"title": one.title, "url": _leads_to(one)} for one in found]})


def _leads_to(one: search.Completion) -> str:
    if one.slug:
        return reverse("selfcare:article", args=[one.slug])
    return f"{reverse('selfcare:search')}?{urlencode({'q': one.title})}"


@require_GET
def suggest(request: HttpRequest) -> JsonResponse:
    """Articles that may answer what is being written in the contact form; none when unsure."""
    typed = pages.typed(request.GET.get("q", ""), _LONGEST)
    if not limits.allow("suggest", limits.sender(request), limit=60, seconds=60):
        return JsonResponse({"items": []}, status=429)
    items = [
        {
            "title": row.title,
            "summary": row.summary,
            "url": reverse("selfcare:article", args=[row.slug]),
        }
        for row in proposals(request, typed, request.GET.get("subject", ""))
    ]
    return _hint({"items": items})


def proposals(request: HttpRequest, typed: str, subject: str) -> list[Translation]:
    """What may answer a question before it is sent; none when unsure, none to whoever wants to
    cancel a contract, and not again what did not help in this visit."""
    about = Subject.objects.called(subject[:50]).first() if subject else None
    if not typed or phone_book.cancel_url(about):
        return []
    found = search.search(typed, language(), 3, audience=readers.audience(request))
    if not found.answered:
        return []
    in_vain = Vote.objects.filter(visit=visits.present(request), helpful=False)
    seen = set(in_vain.values_list("translation__article", flat=True))
    return [row for row, _score in found.hits if row.article_id not in seen]


def _hint(data: dict[str, object]) -> JsonResponse:
    answer = JsonResponse(data)
    answer["Cache-Control"] = "private, max-age=60"
    answer["X-Robots-Tag"] = "noindex"
    return answer
