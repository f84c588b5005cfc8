"""How a form of a channel's fragment beside the conversation is answered: the desk's scripts read
JSON; without scripts the browser goes back to the exchange."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse


def done(request: HttpRequest, pk: int, data: dict[str, Any]) -> HttpResponse:
    return JsonResponse(data) if _wants_json(request) else back(pk)


def refused(request: HttpRequest, pk: int, reason: str, status: int = 409) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"error": "refused", "message": reason}, status=status)
    messages.error(request, reason)
    return back(pk)


def back(pk: int) -> HttpResponse:
    """To the desk, with this exchange open."""
    return redirect(f"{reverse('admin:workspace')}#{pk}")


def _wants_json(request: HttpRequest) -> bool:
    return request.accepts("application/json") and not request.accepts("text/html")
