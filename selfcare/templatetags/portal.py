"""The portal's icons and the way it says a time."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date
from django import template
from django.conf import settings
from django.urls import translate_url
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from crm import clock
from crm.models import Attachment, Subject
from crm.services import files
from crm.text import without_pictures
from selfcare.services import phone_book, words

register = template.Library()

_ICONS = Path(__file__).resolve().parent.parent / "templates" / "selfcare" / "icons"


@cache
def _svg(name: str) -> SafeString:
    file = _ICONS / f"{name}.svg"
    if not name.replace("_", "").isalnum() or not file.exists():
        file = _ICONS / "help.svg"
    return mark_safe(file.read_text(encoding="utf-8").strip())  # noqa: S308 (our own file)


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of our drawings, by its Material Symbols name; the question mark if we have none."""
    return _svg(name or "help")


def _language() -> str:
    return "fr" if (get_language() or "fr").startswith("fr") else "en"


@register.filter
def hour(value: datetime) -> str:
    """The hour as people write it: "17 h 30", "5:30 PM"."""
    return words.hour(value, _language())


@register.filter
def moment(value: datetime) -> str:
    """The hour alone today; else the day with it: "lundi à 8 h", further on "lundi 3 novembre"."""
    local, today = timezone.localtime(value), timezone.localtime(clock.now())
    days = (local.date() - today.date()).days
    if days == 0:
        return hour(value)
    if days == 1:
        return gettext("tomorrow at %(hour)s") % {"hour": hour(value)}
    pattern = "EEEE" if 1 < days < 7 else ("EEEE d MMMM" if _language() == "fr" else "EEEE, d MMMM")
    day = format_date(local.date(), pattern, locale=_language())
    return gettext("%(day)s at %(hour)s") % {"day": day, "hour": hour(value)}


@register.filter
def day(value: datetime) -> str:
    """ "3 novembre 2026"."""
    return format_date(value, "d MMMM y", locale=_language())


@register.simple_tag(takes_context=True)
def language_addresses(context: template.Context) -> list[tuple[str, str]]:
    """This page in each language; a page whose address differs by more than the prefix says so
    with `translations` (language → address) in its context."""
    if (known := context.get("translations")) is not None:
        return [(code, known[code]) for code, _name in settings.LANGUAGES if code in known]
    request = context.get("request")
    path = request.get_full_path() if request else "/"
    return [(code, translate_url(path, code)) for code, _name in settings.LANGUAGES]


@register.simple_tag(takes_context=True)
def beside_subject(context: template.Context, subject: Subject | None) -> str:
    """Puts a subject's actions and numbers where a template includes them."""
    context["actions"] = phone_book.actions(subject)
    context["numbers"] = phone_book.numbers(subject, clock.now())
    return ""


@register.filter
def json_ld(data: object) -> SafeString:
    """Structured data for a script element, unable to end it."""
    text = json.dumps(data, ensure_ascii=False)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return mark_safe(text)  # noqa: S308 (escaped above)


@register.filter
def file_link(file: Attachment) -> str:
    """Opens it for five minutes; the page that asks has looked who reads it."""
    return files.link(file)


register.filter("plain_letter", without_pictures)


@register.filter
def absolute(path: str) -> str:
    return f"{settings.PORTAL_URL}{path}"
