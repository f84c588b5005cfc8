"""The help pages: home and the shelves."""

from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from crm import clock
from crm.models import VisitStep
from selfcare.models import Audience, Category, OldShelf, Translation
from selfcare.services import incidents, offers
from selfcare.views import pages, readers

_CARDS = 6
_READ_TODAY = 5
_ON_A_PAGE = 100  # of a shelf


def language() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """The bare address leads to the reader's language."""
    return redirect("selfcare:home")


@readers.shared
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    shelves = list(_shelves(readers.audience(request)))
    context = {
        "cards": shelves[:_CARDS],
        "more": shelves[_CARDS:],
        "incidents": incidents.everywhere(),
        "read_today": _read_today(),
        "offers": offers.for_subject(None, at=at, zone=settings.TIME_ZONE, language=language()),
    }
    return render(request, "selfcare/home.html", pages.common(request) | context)


def _shelves(who: Audience) -> QuerySet[Category]:
    """Categories that have something to read in this language, and how much."""
    readable = Translation.objects.readable(who).in_language(language())
    filled = Category.objects.filter(articles__translations__in=readable)
    return filled.annotate(count=Count("articles", distinct=True))


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


@readers.shared
@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    shelf = Category.objects.filter(slug=slug).first()
    if shelf is None:
        old = get_object_or_404(OldShelf.objects.select_related("category"), slug=slug)
        return redirect("selfcare:category", slug=old.category.slug, permanent=True)
    rows = Translation.objects.readable(readers.audience(request)).in_language(language())
    inside = rows.filter(article__category=shelf).in_order().defer("body")
    page = Paginator(inside, _ON_A_PAGE).get_page(request.GET.get("page"))
    context = pages.common(request) | {"category": shelf, "articles": page}
    if page.number > 1:
        context["canonical"] += f"?page={page.number}"
    return render(request, "selfcare/category.html", context)
