"""A site's own words, language beside language, and the chat as its visitors see it."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from chat.models import Site
from chat.services import texts
from crm.admin.pages import register_page


@require_http_methods(["GET", "HEAD", "POST"])
def words(request: HttpRequest, pk: int) -> HttpResponse:
    """What a visitor reads, each in a field of its own; empty says what we say."""
    site = get_object_or_404(Site, pk=pk)
    given = _given(request.POST) if request.method == "POST" else site.texts
    wrong = ""
    if request.method == "POST":
        try:
            site.texts = texts.own(given)
        except ValidationError as refused:
            wrong = " ".join(refused.messages)
        else:
            site.save(update_fields=["texts"])
            messages.success(request, _("The words are kept."))
            return redirect(request.get_full_path())
    context = {
        **admin.site.each_context(request),
        "title": site.name,
        "site": site,
        "languages": settings.LANGUAGES,
        "rows": _rows(given),
        "wrong": wrong,
        "shown": _language(request),
        "longest": texts.MOST_LETTERS,
    }
    return render(request, "chat/console/words.html", context, status=422 if wrong else 200)


def _given(posted: QueryDict) -> dict[str, dict[str, str]]:
    return {
        code: {
            name: text
            for name in texts.shipped(code)
            if (text := posted.get(f"{code}.{name}", "").strip())
        }
        for code, _name in settings.LANGUAGES
    }


def _rows(own: dict[str, Any]) -> list[dict[str, Any]]:
    """One per text: in each language what we say, and what the site says instead."""
    shipped = {code: texts.shipped(code) for code, _name in settings.LANGUAGES}
    return [
        {
            "name": name,
            "cells": [
                {
                    "code": code,
                    "language": language,
                    "shipped": shipped[code][name],
                    "own": own.get(code, {}).get(name, ""),
                }
                for code, language in settings.LANGUAGES
            ],
        }
        for name in shipped[settings.LANGUAGE_CODE]
    ]


def _language(request: HttpRequest) -> str:
    """As asked for, else as its reader speaks."""
    wanted = request.GET.get("lang", "")
    return wanted if wanted in dict(settings.LANGUAGES) else str(get_language())[:2]


@require_safe
@xframe_options_sameorigin
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """An empty page with the site's tag, the chat open on it."""
    site = get_object_or_404(Site, pk=pk)
    context = {"site": site, "lang": _language(request)}
    response = render(request, "chat/console/preview.html", context)
    # of our own pages this one alone stands in a frame
    response["Content-Security-Policy"] = "default-src 'self'; frame-ancestors 'self'"
    return response


register_page("chat/words/<int:pk>/", words, "chat_words", permission="chat.change_site")
register_page("chat/preview/<int:pk>/", preview, "chat_preview", permission="chat.change_site")
