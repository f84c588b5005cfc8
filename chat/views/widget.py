"""The loader, which lives on other people's pages, and the frame, which is ours."""

from functools import lru_cache

from csp.decorators import csp_exempt
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from chat.models import Site
from chat.services import colors, conversations, looks, packing, texts
from crm.services import files

_LOADER_SECONDS = 600  # hosts must not keep an old one for long: its address never changes
_FOR_EVER = 365 * 24 * 3600  # the frame names its files by their content


@lru_cache
def packed(name: str) -> packing.Packed:
    """What browsers load of the widget; made once per process."""
    if name == "app.css":
        return packing.style(["crm/tokens.css", "chat/frame.css"])
    return packing.script({"app.js": "chat/frame.js", "loader.js": "chat/loader.js"}[name])


@require_GET
@csp_exempt()
def loader(request: HttpRequest) -> HttpResponse:
    response = _served(request, "loader.js")
    response["Cache-Control"] = f"public, max-age={_LOADER_SECONDS}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_GET
@csp_exempt()  # type: ignore[arg-type]  # its types know no views with arguments
def asset(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """The frame's script or style. Another version's address gets this one, and keeps it not."""
    if name not in ("app.js", "app.css"):
        raise Http404
    response = _served(request, name)
    ours = digest == packed(name).digest
    response["Cache-Control"] = f"public, max-age={_FOR_EVER}, immutable" if ours else "no-store"
    return response


@require_GET
@csp_exempt()  # type: ignore[arg-type]
def logo(request: HttpRequest, site_key: str) -> HttpResponse:
    site = get_object_or_404(Site, key=site_key, is_active=True)
    if not site.logo or not site.logo.storage.exists(str(site.logo.name)):
        raise Http404
    with site.logo.open("rb") as file:
        content = file.read()
    response = HttpResponse(content, content_type=files.kind_of(content))
    response["Cache-Control"] = f"public, max-age={_FOR_EVER}, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _served(request: HttpRequest, name: str) -> HttpResponse:
    found, takes_gzip = packed(name), "gzip" in request.headers.get("Accept-Encoding", "")
    kind = "css" if name.endswith(".css") else "javascript"
    response = HttpResponse(
        found.gzip if takes_gzip else found.plain, content_type=f"text/{kind}; charset=utf-8"
    )
    if takes_gzip:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_GET
@gzip_page  # no secret in it that a guess could be measured against
@xframe_options_exempt
@csp_exempt()  # type: ignore[arg-type]  # its types know no views with arguments
def frame(request: HttpRequest, site_key: str) -> HttpResponse:
    """The chat app. Only the site's own addresses may put it into a page."""
    site = get_object_or_404(Site, key=site_key, is_active=True)
    language = language_of(request.GET.get("lang"), site)
    with translation.override(language):
        response = render(
            request,
            "chat/frame.html",
            {
                "config": config(request, site, language),
                "lang": language,
                "style": _address("app.css"),
                "script": _address("app.js"),
            },
        )
    response["Content-Security-Policy"] = _policy(request, site)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"  # whoever follows a link takes nothing along
    response["Cache-Control"] = "no-store"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _address(name: str) -> str:
    return reverse("chat:asset", args=[packed(name).digest, name])


def language_of(wanted: object, site: Site) -> str:
    code = str(wanted or site.language)[:2].lower()
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def config(request: HttpRequest, site: Site, language: str) -> dict[str, object]:
    """Everything the frame's script needs to know, words included."""
    return {
        "site": site.key,
        "lang": language,
        "portal": site.is_portal,
        "subject": request.GET.get("subject", "")[:50],
        "side": site.side,
        "colors": colors.shades(site.primary_color) if site.primary_color else None,
        "texts": texts.widget(site, language),
        "logo": looks.logo_address(site),
        "privacy": reverse("selfcare:privacy"),
        "doors": reverse("chat:visit").removesuffix("visit"),
        "unsent": site.shows_unsent,
        "socket": "/ws/visitor/",
        "maxLine": conversations.MAX_LINE,
        "maxFile": files.MOST_BYTES,
        "files": ",".join(end for ends in files.NAMES.values() for end in ends),
    }


def _policy(request: HttpRequest, site: Site) -> str:
    # older browsers do not read 'self' as our sockets too
    socket = f"{'wss' if request.is_secure() else 'ws'}://{request.get_host()}"
    ancestors = " ".join(site.allowed_origins()) or "'none'"
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",  # a picture before it is sent
            "font-src 'self'",
            f"connect-src 'self' {socket}",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {ancestors}",
        ]
    )
