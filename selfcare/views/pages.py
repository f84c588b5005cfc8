"""What all pages of the portal share: addresses, structured data, polite refusals."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from crm.services import customers, kept
from selfcare.models import Translation
from selfcare.services import words

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def typed(text: str, longest: int) -> str:
    """What somebody typed, without the characters that no keyboard has, cut to a length."""
    return _CONTROL.sub(" ", text).strip()[:longest]


def common(request: HttpRequest) -> dict[str, Any]:
    """The page's own address."""
    return {"canonical": settings.PORTAL_URL + request.path, "typed": ""}


def in_language(name: str, language: str, **kwargs: Any) -> str:
    with override(language):
        return reverse(name, kwargs=kwargs)


_PICTURE = re.compile(r'<img src="(/files/[^"]+)"')


def card(page: Translation) -> str:
    """The picture of a link to this article elsewhere: its own first, if it has one."""
    found = _PICTURE.search(page.body)
    return settings.PORTAL_URL + found.group(1) if found else ""


def structured(page: Translation) -> dict[str, Any]:
    """What search engines read: the question, its answer, and where it stands."""
    home = settings.PORTAL_URL + reverse("selfcare:home")
    shelf = page.article.category
    category = settings.PORTAL_URL + reverse("selfcare:category", args=[shelf.slug])
    crumbs = [(_("Help"), home), (shelf.name, category), (page.title, None)]
    return {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "FAQPage",
                "inLanguage": page.language,
                "dateModified": page.updated_at.isoformat(timespec="seconds"),
                "mainEntity": [
                    {
                        "@type": "Question",
                        "name": page.title,
                        "acceptedAnswer": {"@type": "Answer", "text": page.body},
                    }
                ],
            },
            {
                "@type": "BreadcrumbList",
                "itemListElement": [
                    {"@type": "ListItem", "position": place, "name": name}
                    | ({"item": address} if address else {})
                    for place, (name, address) in enumerate(crumbs, 1)
                ],
            },
        ],
    }


def error(request: HttpRequest, words: str, *, status: int) -> HttpResponse:
    """A page that says what happened and where to go on."""
    context = common(request) | {"words": words}
    return render(request, "selfcare/error.html", context, status=status)


def too_fast(request: HttpRequest) -> HttpResponse:
    words = _("That was very many in a short time. Please wait a minute, then try again.")
    return error(request, words, status=429)


def kept_words(request: HttpRequest, field: str) -> dict[str, str]:
    """What was written elsewhere in vain, for that field of a form, and the token that says so."""
    text = request.GET.get("kept", "")
    old = kept.read(text)
    return {field: kept.words(old), "kept": text} if old else {}


def known(request: HttpRequest) -> dict[str, str]:
    """What the signed-in customer need not type again."""
    customer = customers.of_account(request.user)
    if customer is None:
        return {}
    phone = customers.phone_number(customer)
    return {
        "name": customer.full_name,
        "mail": customers.mail_address(customer) or "",
        "phone": words.phone(phone) if phone else "",
    }
