"""The demo's shop: somebody else's website, on a host of its own, with the widget on it.

Its policy is what a strict third party would set: our script and our frame, and nothing more of
ours. If the widget works here, it works anywhere."""

import re
from typing import Any

from csp.decorators import csp_exempt
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET

from chat.models import Site
from chat.services import identity

# who has an account in the shop: "Sign in as Ada" needs no password, it is a demo; so has everybody
# of the domain that simulated people write from
_ACCOUNTS = {"ada": {"email": "ada@lumio.example", "name": "Ada Lenoir"}}
_SIMULATED = re.compile(r"([a-z]+)\.([a-z.]+)\.[0-9a-f]{5}@simule\.example")


@require_GET
@csp_exempt()
def home(request: HttpRequest) -> HttpResponse:
    return _page(request, "home")


@require_GET
@csp_exempt()
def lumibox(request: HttpRequest) -> HttpResponse:
    return _page(request, "lumibox", subject="remote-control")


@require_GET
@csp_exempt()
def mobile(request: HttpRequest) -> HttpResponse:
    return _page(request, "mobile", subject="sim-esim-puk")


def _account(who: str) -> dict[str, str] | None:
    if simulated := _SIMULATED.fullmatch(who):
        first, last = (part.replace(".", " ").title() for part in simulated.groups())
        return {"email": who, "name": f"{first} {last}"}
    return _ACCOUNTS.get(who)


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    wanted = request.GET.get("lang") or translation.get_language() or "fr"
    language = "en" if wanted.startswith("en") else "fr"
    who = request.GET.get("as", "")
    if account := _account(who):
        site = Site.objects.get(key="boutique")
        context |= {"account": account, "identity": identity.sign(site, **account)}
        context["signed_in"] = f"&as={who}"  # on every link: this shop has no cookies
    with translation.override(language):
        response = render(
            request, f"chat/shop/{name}.html", {"lang": language, "page": name, **context}
        )
    response["Content-Security-Policy"] = "; ".join(
        [
            "default-src 'none'",
            f"script-src {settings.PORTAL_URL}/widget/loader.js",
            f"frame-src {settings.PORTAL_URL}/widget/",
            "style-src 'self'",
            "img-src 'self'",
            "font-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        ]
    )
    return response
