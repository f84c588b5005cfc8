"""An article: its page, its files, that it was read, and whether it helped."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.models import Visit, VisitStep
from crm.services import limits
from crm.services.files import SHOWN
from crm.views import respond
from selfcare.models import Article, Audience, OldAddress, Translation, Vote
from selfcare.services import articles, files, incidents, offers, phone_book, versions
from selfcare.views import films, pages, readers, visits
from selfcare.views.help import language

_LONGEST_SEARCH = 200
_ONE_READING = timedelta(hours=1)
_LONGEST_READING = 3600  # seconds


@readers.shared
@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponseBase:
    who = readers.audience(request)
    readable = Translation.objects.readable(who).in_language(language())
    page = readable.filter(slug=slug).select_related(*_WITH).first()
    if page is None:
        return _moved(slug, readable)
    if typed := pages.typed(request.GET.get("q", ""), _LONGEST_SEARCH):
        # came by completion: what was typed is a search that found this article
        visits.step(request, VisitStep.Kind.SEARCH, typed, value=1)
        return redirect(request.path)
    # a page that others may get from a cache counts by its script (`seen`)
    known = readers.has_session(request)
    visit = _read(request, page) if known else None
    vote = Vote.objects.filter(translation=page, visit=visit).first() if visit else None
    context = {"vote": vote, "seen_here": known} | shown(page, who)
    context["carried"] = (vote.reason if vote else "") or page.title
    return render(request, "selfcare/article.html", pages.common(request) | context)


_WITH = (
    "article__category",
    "article__subject__queue__schedule",
    "article__subject__schedule",
    "article__subject__off_hours_queue",
)


def shown(page: Translation, who: Audience) -> dict[str, object]:
    """What an article's page shows; the preview of a draft shows the same."""
    subject = page.article.subject
    return {
        "page": page,
        "translations": _translations(page, who),
        "related": _related(page, who),
        "offers": offers.for_subject(
            subject, at=clock.now(), zone=settings.TIME_ZONE, language=page.language
        ),
        "subject": subject,
        "incidents": incidents.open_about([subject]),
        "actions": phone_book.actions(subject),
        "cancel_url": phone_book.cancel_url(subject),
        "structured": pages.structured(page),
        "card": pages.card(page),
    }


def _moved(slug: str, readable: QuerySet[Translation]) -> HttpResponse:
    """A former address leads to the present one."""
    old = get_object_or_404(
        OldAddress.objects.select_related("translation"),
        language=language(),
        slug=slug,
        translation__in=readable,
    )
    return redirect("selfcare:article", slug=old.translation.slug, permanent=True)


def _translations(page: Translation, who: Audience) -> dict[str, str]:
    rows = Translation.objects.readable(who).filter(article_id=page.article_id)
    return {
        row.language: pages.in_language("selfcare:article", row.language, slug=row.slug)
        for row in rows.only("language", "slug")
    }


def _related(page: Translation, who: Audience) -> list[Translation]:
    """What the editors linked; else the neighbours on the shelf."""
    rows = Translation.objects.readable(who).in_language(page.language).exclude(pk=page.pk)
    rows = rows.select_related("article").defer("body")
    linked = list(rows.filter(article__in=page.article.related.all()).in_order()[:4])
    return linked or list(rows.filter(article__category=page.article.category).in_order()[:4])


def _here(request: HttpRequest, slug: str) -> Translation:
    readable = Translation.objects.readable(readers.audience(request))
    return get_object_or_404(readable.select_related("article"), language=language(), slug=slug)


def _read(request: HttpRequest, page: Translation) -> Visit | None:
    """Reading it once more within the hour is the same reading."""
    visit = visits.begin(request)
    if visit and not _readings(visit, page).exists():
        visits.step(request, VisitStep.Kind.ARTICLE, page.title, target=page.article.external_id)
    return visit


def _readings(visit: Visit, page: Translation) -> QuerySet[VisitStep]:
    return visit.steps.filter(
        kind=VisitStep.Kind.ARTICLE,
        target=page.article.external_id,
        at__gte=clock.now() - _ONE_READING,
    )


@readers.from_our_pages
@require_POST
def seen(request: HttpRequest, slug: str) -> HttpResponse:
    """The page's script says that it was opened, and at the end for how long it was in sight."""
    page = _here(request, slug)
    seconds = request.POST.get("seconds", "")
    if not limits.allow("seen", limits.sender(request), limit=300, seconds=60):
        return HttpResponse(status=429)
    visit = _read(request, page)
    if visit and seconds.isdecimal():
        last = _readings(visit, page).order_by("-at").values("pk")[:1]
        VisitStep.objects.filter(pk__in=last).update(value=min(int(seconds), _LONGEST_READING))
    return HttpResponse(status=204)


@readers.from_our_pages
@require_POST
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    page = _here(request, slug)
    address = reverse("selfcare:article", args=[slug])
    helpful = request.POST.get("helpful")
    reason = pages.typed(request.POST.get("reason", ""), 500)
    if helpful not in ("0", "1"):
        return pages.error(request, _("Please choose one of the two buttons."), status=400)
    if not limits.allow("vote", limits.sender(request), limit=60, seconds=600):
        return pages.too_fast(request)
    if visit := _read(request, page):
        articles.vote(page, visit, helpful=helpful == "1", reason=reason)
        label = f"{page.title}: {reason}" if reason else page.title
        visits.step(
            request,
            VisitStep.Kind.VOTE,
            label,
            target=page.article.external_id,
            value=int(helpful),
        )
    return redirect(f"{address}#helped")


@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What is being written, as customers will see it: for those who may work on articles."""
    who = readers.audience(request)
    if who != Audience.STAFF or not request.user.has_perm("selfcare.view_article"):  # type: ignore[union-attr]
        raise Http404
    found = get_object_or_404(Article.objects.select_related(*(w[9:] for w in _WITH)), pk=pk)
    live = found.translations.filter(language=language()).first()
    source = versions.working(found, language()) or live
    if source is None:
        raise Http404
    page = live or Translation(article=found, language=language())
    page.article = found
    for name in ("title", "summary", "body"):
        setattr(page, name, getattr(source, name))
    context = pages.common(request) | shown(page, who) | {"preview": True}
    return render(request, "selfcare/article.html", context)


@require_safe
def file(request: HttpRequest, key: UUID, name: str) -> HttpResponseBase:
    """A picture or document, for whoever may read its article. Its content never changes."""
    found = files.readable(key, readers.audience(request))
    if found is None or name != found.name or not found.file.storage.exists(str(found.file.name)):
        raise Http404
    if found.is_film:
        response = films.respond(request, found)
    else:
        response = respond(found, shown=found.content_type in SHOWN)
    public = found.article.visibility == found.article.Visibility.PUBLIC
    kept = public and found.article.is_published
    response["Cache-Control"] = "public, max-age=86400" if kept else "private, max-age=60"
    return response
