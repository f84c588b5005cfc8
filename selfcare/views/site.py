"""What the site says of itself: statements for people, maps for search engines."""

from math import ceil
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from selfcare.models import LANGUAGES, Translation
from selfcare.views import pages

_IN_A_MAP = 20_000  # articles: with two languages, fewer than the 50,000 addresses of one map

_Group = tuple[dict[str, str], str | None]  # one page's addresses by language; changed on


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "selfcare/accessibility.html", pages.common(request))


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "selfcare/privacy.html", pages.common(request))


@require_safe
def sitemap(request: HttpRequest, part: int | None = None) -> HttpResponse:
    """Every public page with its translations. What is too much for one map comes in parts, and
    the bare address lists them."""
    keys = list(_articles()) if part is None else list(_articles()[: part * _IN_A_MAP])
    if part is None and len(keys) > _IN_A_MAP:
        parts = range(1, ceil(len(keys) / _IN_A_MAP) + 1)
        listed = [settings.PORTAL_URL + reverse("portal_sitemap_part", args=[n]) for n in parts]
        return _as_xml(request, "selfcare/sitemaps.xml", {"maps": listed})
    groups = _pages_of(keys[((part or 1) - 1) * _IN_A_MAP :])
    if part is not None and not groups:
        raise Http404
    if part in (None, 1):
        groups = [(_each("selfcare:home"), None), *_shelves(), *groups]
    return _as_xml(request, "selfcare/sitemap.xml", {"groups": groups})


def _as_xml(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    answer = render(request, template, context, content_type="application/xml")
    answer["Cache-Control"] = "public, max-age=600"
    return answer


def _articles() -> QuerySet[Translation, int]:
    public = Translation.objects.public().order_by("article_id")
    return public.values_list("article_id", flat=True).distinct()


def _pages_of(articles: list[int]) -> list[_Group]:
    """The addresses of each, by language, and when one of them changed."""
    if not articles:
        return []
    rows = Translation.objects.public().filter(article__gte=articles[0], article__lte=articles[-1])
    groups: dict[int, dict[str, str]] = {}
    changed: dict[int, str] = {}
    for key, language, slug, at in rows.order_by("article_id").values_list(
        "article_id", "language", "slug", "updated_at"
    ):
        address = pages.in_language("selfcare:article", language, slug=slug)
        groups.setdefault(key, {})[language] = settings.PORTAL_URL + address
        changed[key] = max(changed.get(key, ""), f"{at:%Y-%m-%d}")
    return [(group, changed[key]) for key, group in groups.items()]


def _shelves() -> list[_Group]:
    """Categories, in the languages in which there is something on them."""
    groups: dict[str, dict[str, str]] = {}
    held = Translation.objects.public().values_list("article__category__slug", "language")
    for slug, language in held.order_by("article__category__slug", "language").distinct():
        address = pages.in_language("selfcare:category", language, slug=slug)
        groups.setdefault(slug, {})[language] = settings.PORTAL_URL + address
    return [(group, None) for group in groups.values()]


def _each(name: str) -> dict[str, str]:
    return {code: settings.PORTAL_URL + pages.in_language(name, code) for code, _name in LANGUAGES}


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *"]
    lines += [
        f"Disallow: /{path}"
        for path in ("console/", "accounts/", "api/", "*/search/", "*/complete/", "*/suggest/")
    ]
    lines += [f"Sitemap: {settings.PORTAL_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
