"""Doors of the house itself: error pages, and the page behind a colleague's invitation."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _

from config.invitations import join

__all__ = ["bad_request", "broken", "forbidden", "join", "not_found"]


def _page(request: HttpRequest, code: int, title: str, words: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": title}, status=code)
    context = {"code": code, "title": title, "words": words, "way": "/", "way_label": _("Go on")}
    if request.path.startswith("/console/"):
        context |= {"way": "/console/", "way_label": _("Back to the console")}
    return render(request, "error.html", context, status=code)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, DisallowedHost):
        # our pages link to the name they were asked for: here there is none to trust
        said = _("There is no site of this name here.")
        return HttpResponse(f"{said}\n", content_type="text/plain; charset=utf-8", status=400)
    return _page(
        request,
        400,
        _("This request could not be read"),
        _("Nothing was changed. Go back, check what you entered and send it again."),
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        403,
        _("This page is not open to you"),
        _("Your role does not include it. An administrator can change that."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        _("There is nothing at this address"),
        _("The page may have moved. The search finds it by its words."),
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(
        request,
        403,
        _("This form has been open for too long"),
        _("Nothing was sent. Go back, reload the page and send it again."),
    )


def busy(request: HttpRequest) -> HttpResponse:
    """Nothing was done; asked again a little later, it is."""
    said = _("There are many of us here just now. Nothing was sent: try again in a moment.")
    if request.path.startswith("/api/"):
        answer: HttpResponse = JsonResponse({"detail": said}, status=503)
    else:
        answer = HttpResponse(f"{said}\n", content_type="text/plain; charset=utf-8", status=503)
    answer["Retry-After"] = "10"
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """No context processor, no database: whatever failed must not fail again here."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": "Server error"}, status=500)
    return HttpResponse(loader.get_template("500.html").render(), status=500)
