"""The loader, which lives on other people's pages, and the frame, which is ours."""

import gzip
import re
from functools import lru_cache
from pathlib import Path

from csp.decorators import csp_exempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from chat.models import Site
from chat.services import colors, conversations, texts

_LOADER = Path(__file__).resolve().parent.parent / "static" / "chat" / "loader.js"
_COMMENTS = re.compile(r"^\s*//.*\n|/\*\*.*?\*/ ?", re.MULTILINE)
# the loader's own text allows both: no string in it holds such a mark between blanks
_BLANKS = re.compile(r" ?(=>|===|!==|&&|\|\||[={},?:+]) ?")
_LINE_ENDS = re.compile(r"([,{;>])\n")
_LOADER_SECONDS = 600  # hosts must not keep an old one for long: its address never changes


@lru_cache(maxsize=1)
def loader_source() -> tuple[bytes, bytes]:
    """The loader without what only its readers need, plain and compressed."""
    source = _COMMENTS.sub("", _LOADER.read_text())
    lines = (line.strip() for line in source.splitlines())
    source = _BLANKS.sub(r"\1", "\n".join(line for line in lines if line))
    plain = _LINE_ENDS.sub(r"\1", source).encode()
    return plain, gzip.compress(plain, 9, mtime=0)


@require_GET
@csp_exempt()
def loader(request: HttpRequest) -> HttpResponse:
    plain, packed = loader_source()
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(
        packed if takes_gzip else plain, content_type="text/javascript; charset=utf-8"
    )
    if takes_gzip:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response["Cache-Control"] = f"public, max-age={_LOADER_SECONDS}"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
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
            {"config": config(request, site, language), "lang": language},
        )
    response["Content-Security-Policy"] = _policy(request, site)
    response["Cache-Control"] = "no-store"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def language_of(wanted: object, site: Site) -> str:
    code = str(wanted or site.language)[:2].lower()
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def config(request: HttpRequest, site: Site, language: str) -> dict[str, object]:
    """Everything the frame's script needs to know, words included."""
    doors = ["visit", "invite", "invitation", "start", "say", "lines", "end"]
    return {
        "site": site.key,
        "lang": language,
        "portal": site.is_portal,
        "subject": request.GET.get("subject", "")[:50],
        "origins": site.allowed_origins(),
        "side": site.side,
        "colors": colors.shades(site.primary_color) if site.primary_color else None,
        "texts": texts.widget(site, language),
        "doors": {name: reverse(f"chat:{name}") for name in doors},
        "socket": "/ws/visitor/",
        "maxLine": conversations.MAX_LINE,
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
            "img-src 'self'",
            "font-src 'self'",
            f"connect-src 'self' {socket}",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {ancestors}",
        ]
    )
