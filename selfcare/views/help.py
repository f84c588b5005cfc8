"""The help pages: home, category, article and its vote."""

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from crm import clock
from crm.models import VisitStep
from crm.services import limits
from selfcare.models import Article, Category, OldAddress, Translation, Vote
from selfcare.services import articles, incidents, offers, phone_book
from selfcare.views import pages, visits

_CARDS = 6
_LONGEST_SEARCH = 200
_READ_TODAY = 5


def language() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """The bare address leads to the reader's language."""
    return redirect("selfcare:home")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    shelves = list(_shelves())
    context = {
        "cards": shelves[:_CARDS],
        "more": shelves[_CARDS:],
        "incidents": incidents.everywhere(),
        "read_today": _read_today(),
        "offers": offers.for_subject(None, at=at, zone=settings.TIME_ZONE, language=language()),
    }
    return render(request, "selfcare/home.html", pages.common(request) | context)


def _shelves() -> QuerySet[Category]:
    """Categories that have something to read in this language, each with its first titles."""
    readable = Translation.objects.public().in_language(language())
    titles = readable.only("title", "slug", "article__category_id").select_related("article")
    inside = Article.objects.filter(translations__in=readable).prefetch_related(
        Prefetch("translations", titles, to_attr="here")
    )
    return (
        Category.objects.filter(articles__translations__in=readable)
        .annotate(count=Count("articles", distinct=True))
        .prefetch_related(Prefetch("articles", inside, to_attr="readable"))
    )


def _read_today() -> list[Translation]:
    """What others read in the last day; filled up with the first articles."""
    name = f"read-today:{language()}"
    keys = cache.get(name)
    readable = Translation.objects.public().in_language(language())
    if keys is None:
        since = clock.now() - timedelta(days=1)
        steps = VisitStep.objects.filter(kind=VisitStep.Kind.ARTICLE, at__gte=since)
        counted = steps.values("target").annotate(times=Count("pk")).order_by("-times", "target")
        ids = dict(readable.values_list("article__external_id", "pk"))
        keys = [ids[row["target"]] for row in counted[:50] if row["target"] in ids][:_READ_TODAY]
        cache.set(name, keys, 120)
    rows = readable.select_related("article__category")
    found = rows.in_bulk(keys)
    ranked = [found[key] for key in keys if key in found]
    others = rows.exclude(pk__in=keys).in_order()[: _READ_TODAY - len(ranked)]
    return [*ranked, *others]


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    shelf = get_object_or_404(Category, slug=slug)
    rows = Translation.objects.public().in_language(language()).filter(article__category=shelf)
    context = {"category": shelf, "articles": rows.in_order().defer("body")}
    return render(request, "selfcare/category.html", pages.common(request) | context)


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponseBase:
    page = _readable().filter(slug=slug).first()
    if page is None:
        return _moved(slug)
    if typed := pages.typed(request.GET.get("q", ""), _LONGEST_SEARCH):
        # came by completion: what was typed is a search that found this article
        visits.step(request, VisitStep.Kind.SEARCH, typed, value=1)
        return redirect(request.path)
    visit = visits.step(
        request, VisitStep.Kind.ARTICLE, page.title, target=page.article.external_id
    )
    subject = page.article.subject
    context = {
        "page": page,
        "translations": _translations(page),
        "related": _related(page),
        "vote": Vote.objects.filter(translation=page, visit=visit).first() if visit else None,
        "offers": offers.for_subject(
            subject, at=clock.now(), zone=settings.TIME_ZONE, language=language()
        ),
        "subject": subject,
        "incidents": incidents.open_about([subject]),
        "actions": phone_book.actions(subject),
        "cancel_url": phone_book.cancel_url(subject),
        "structured": pages.structured(page),
    }
    return render(request, "selfcare/article.html", pages.common(request) | context)


def _readable() -> QuerySet[Translation]:
    return (
        Translation.objects.public()
        .in_language(language())
        .select_related(
            "article__category",
            "article__subject__queue__schedule",
            "article__subject__schedule",
            "article__subject__off_hours_queue",
        )
    )


def _moved(slug: str) -> HttpResponse:
    """A former address leads to the present one; one of the other language to its translation."""
    old = get_object_or_404(
        OldAddress.objects.select_related("translation"),
        language=language(),
        slug=slug,
        translation__in=Translation.objects.public(),
    )
    return redirect("selfcare:article", slug=old.translation.slug, permanent=True)


def _translations(page: Translation) -> dict[str, str]:
    rows = Translation.objects.public().filter(article_id=page.article_id)
    return {
        row.language: pages.in_language("selfcare:article", row.language, slug=row.slug)
        for row in rows.only("language", "slug")
    }


def _related(page: Translation) -> list[Translation]:
    """What the editors linked; else the neighbours on the shelf."""
    rows = Translation.objects.public().in_language(page.language).exclude(pk=page.pk)
    rows = rows.select_related("article").defer("body")
    linked = list(rows.filter(article__in=page.article.related.all()).in_order()[:4])
    return linked or list(rows.filter(article__category=page.article.category).in_order()[:4])


@require_POST
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    page = get_object_or_404(Translation.objects.public().in_language(language()), slug=slug)
    address = reverse("selfcare:article", args=[slug])
    helpful = request.POST.get("helpful")
    reason = pages.typed(request.POST.get("reason", ""), 500)
    if helpful not in ("0", "1"):
        return pages.error(request, _("Please choose one of the two buttons."), status=400)
    if not limits.allow("vote", limits.sender(request), limit=60, seconds=600):
        return pages.too_fast(request)
    visit = visits.begin(request)
    if visit:
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
