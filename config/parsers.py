"""What the API reads: JSON that the database can store."""

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError

# PostgreSQL refuses NUL, UTF-8 the lone halves of surrogate pairs
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class JSONParser(parsers.JSONParser):
    """Refuses (400) text that cannot be stored, wherever it stands: also where no serialiser
    looks, such as in the values of a list of keys or of a JSON field."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        data = super().parse(*args, **kwargs)
        left: list[Any] = [data]
        while left:
            part = left.pop()
            if isinstance(part, dict):
                left += [*part, *part.values()]
            elif isinstance(part, list):
                left += part
            elif isinstance(part, str) and _UNSTORABLE.search(part):
                raise ParseError(_("The text contains characters that cannot be stored."))
        return data


class StorableAddress:
    """The same for an API address's path and query: no view is asked with a NUL."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = request.path + request.META.get("QUERY_STRING", "")
        if request.path.startswith("/api/") and ("\x00" in address or "%00" in address):
            reason = _("The text contains characters that cannot be stored.")
            return JsonResponse({"detail": reason}, status=400)
        return self.get_response(request)
