"""What the site says of itself: statements for people, maps for search engines."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from selfcare.models import LANGUAGES, Translation
from selfcare.views import pages


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "selfcare/accessibility.html", pages.common(request))


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "selfcare/privacy.html", pages.common(request))


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page with its translations; two queries however many there are."""
    groups: dict[object, dict[str, str]] = {"home": _each("selfcare:home")}
    changed: dict[object, str] = {}
    rows = Translation.objects.public().in_order()
    for pk, language, slug, at, shelf in rows.values_list(
        "article_id", "language", "slug", "updated_at", "article__category__slug"
    ):
        address = pages.in_language("selfcare:article", language, slug=slug)
        groups.setdefault(pk, {})[language] = settings.PORTAL_URL + address
        changed[pk] = max(changed.get(pk, ""), f"{at:%Y-%m-%d}")
        address = pages.in_language("selfcare:category", language, slug=shelf)
        groups.setdefault(shelf, {})[language] = settings.PORTAL_URL + address
    context = {"groups": [(group, changed.get(name)) for name, group in groups.items()]}
    return render(request, "selfcare/sitemap.xml", context, content_type="application/xml")


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
