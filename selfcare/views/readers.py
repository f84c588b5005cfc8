"""Who reads, and who may keep a copy of the page."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.views.decorators.csrf import csrf_exempt

from crm.services.access import may_work
from selfcare.models import Audience

_SHARED = "public, max-age=0, s-maxage=60, stale-while-revalidate=300"
_OF_EVERYBODY = (200, 301)


def audience(request: HttpRequest) -> Audience:
    """What this reader may see; colleagues' articles need their second factor here too."""
    if may_work(request.user, request.session):
        return Audience.STAFF
    return Audience.SIGNED_IN if request.user.is_authenticated else Audience.EVERYBODY


def has_session(request: HttpRequest) -> bool:
    """Somebody we may know: what they get is theirs alone. All others get the same page."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def shared(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The page of whoever brings no session may be kept by a cache in front of us for a minute.
    Such a page holds no token, no name and nothing of a visit."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        public = not has_session(request) and response.status_code in _OF_EVERYBODY
        response["Cache-Control"] = _SHARED if public else "private, no-cache"
        return response

    return answer


def from_our_pages(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For what a shared page sends: it holds no token, so the browser's own word is asked."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        origin = request.headers.get("Origin")
        if site != "same-origin" or (origin and urlsplit(origin).netloc != request.get_host()):
            return HttpResponseForbidden()
        return view(request, *args, **kwargs)

    return csrf_exempt(answer)
