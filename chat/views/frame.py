"""What every JSON door of the widget asks of its caller: our own frame's word, not too often,
small, and of the right types."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from chat.services import conversations, tokens
from crm.services import files, limits, wording

_LARGEST = 40_000
_MOST_FIELDS = 50
Data = dict[str, Any]


class Refused(Exception):
    """The answer is a code and a status."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


def door(*, limit: int, file: bool = False) -> Callable[..., Callable[..., HttpResponseBase]]:
    """A public POST from our own frame, `limit` times a minute per address: JSON, or a form with
    a `file`."""

    def wrap(view: Callable[[HttpRequest, Data], Data]) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @require_POST
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponseBase:
            try:
                _guard(request, view.__name__, limit, _LARGEST + file * files.MOST_BYTES)
                return _json(view(request, _form(request) if file else _read(request)))
            except Refused as refused:
                return _json({"code": refused.code}, refused.status)
            except tokens.BadToken:
                return _json({"code": "forbidden"}, 403)

        return answer

    return wrap


def _json(data: Data, status: int = 200) -> JsonResponse:
    return JsonResponse(data, status=status, headers={"Cache-Control": "no-store"})


def _guard(request: HttpRequest, name: str, limit: int, largest: int) -> None:
    if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
        raise Refused("origin", 403)
    if not limits.allow(f"widget.{name}", limits.sender(request), limit=limit, seconds=60):
        raise Refused("too_fast", 429)
    if int(request.headers.get("Content-Length") or 0) > largest:
        raise Refused("too_large", 413)


def _form(request: HttpRequest) -> Data:
    return {**request.POST.dict(), "file": request.FILES.get("file")}


def _read(request: HttpRequest) -> Data:
    if len(request.body) > _LARGEST:
        raise Refused("too_large", 413)
    try:
        data = json.loads(request.body)
    except ValueError:
        raise Refused("malformed") from None
    if not isinstance(data, dict):
        raise Refused("malformed")
    return data


def text(data: Data, name: str, longest: int) -> str:
    value = data.get(name, "")
    if not isinstance(value, str) or "\x00" in value:
        raise Refused("malformed")
    return value[:longest]


def number(data: Data, name: str) -> int:
    value = data.get(name, 0)
    if not isinstance(value, int | float) or not 0 <= value <= 2**31 - 1:
        raise Refused("malformed")
    return int(value)


def key(data: Data, name: str) -> str:
    value = text(data, name, 65)
    if not 8 <= len(value) <= 64:
        raise Refused("malformed")
    return value


def mail(data: Data, name: str) -> str:
    value = text(data, name, 255).strip().lower()
    try:
        validate_email(value)
    except ValidationError:
        raise Refused("malformed") from None
    return value


def mapping(data: Data, name: str) -> Data:
    """Short texts by name; what is none is left out."""
    value = data.get(name)
    given = list(value.items())[:_MOST_FIELDS] if isinstance(value, dict) else []
    return {k: text({k: v}, k, 500) for k, v in given if isinstance(v, str)}


def said(data: Data) -> str:
    line = text(data, "text", conversations.MAX_LINE + 1)
    if len(line) > conversations.MAX_LINE:
        raise Refused("too_large", 413)
    if not line.strip():
        raise Refused("malformed")
    return wording.masked(line)
