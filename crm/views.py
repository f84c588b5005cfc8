"""The kernel's one door outside the console: a file, by a signed link that soon expires."""

from typing import Protocol

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.services import files

_BYTES = "application/octet-stream"
# no script of the sender's ever runs under our address; browsers' PDF viewers refuse a sandbox
_CLOSED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PDF = f"{_CLOSED}; object-src 'self'"


@never_cache
@require_safe
def file(request: HttpRequest, token: str) -> HttpResponse:
    """Given to who may see its exchange; a download unless browsers show it safely."""
    found = files.opened(token)
    if found is None or not found.file.storage.exists(str(found.file.name)):
        raise Http404
    if not found.may_go:
        return HttpResponse(found.get_scan_display(), status=403, content_type="text/plain")
    return respond(found, shown=found.content_type in files.SHOWN and "download" not in request.GET)


class Kept(Protocol):
    """A row with a file: an exchange's, or an article's."""

    file: FieldFile
    name: str
    content_type: str


def respond(found: Kept, *, shown: bool) -> HttpResponse:
    """The file, so that nothing in it can act under our address."""
    pdf = shown and found.content_type == "application/pdf"
    with found.file.open("rb") as content:
        response = HttpResponse(
            content.read(), content_type=found.content_type if shown else _BYTES
        )
    response["Content-Disposition"] = content_disposition_header(not shown, found.name) or ""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _PDF if pdf else f"{_CLOSED}; sandbox"
    response["Referrer-Policy"] = "no-referrer"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"  # its sandboxed mail has no origin
    return response
