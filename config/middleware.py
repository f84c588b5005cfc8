"""Staff work behind two factors: pages here, sockets and API by the same rule (may_work)."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from psycopg_pool import PoolTimeout

from config import doors
from crm.services import audit
from crm.services.access import has_second_factor, is_staff, may_work


class StaffSecondFactor:
    """Leads staff whose session lacks the second factor to where they give or make one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wants_console = request.path.startswith("/console/")
        if wants_console and is_staff(request.user) and not self._enough(request):
            return HttpResponseRedirect(self._way(request))
        return self.get_response(request)

    def _enough(self, request: HttpRequest) -> bool:
        leaving = request.path == reverse("admin:logout")
        return leaving or may_work(request.user, request.session)

    def _way(self, request: HttpRequest) -> str:
        if not has_second_factor(request.user):
            return reverse("mfa_index")
        return f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}"


class Rush:
    """When no connection to the database gets free in time: come back, rather than an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return doors.busy(request) if isinstance(error.__cause__, PoolTimeout) else None


class Acting:
    """Whoever is signed in acts in what this request writes; the audit trail asks when it must."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.acting(lambda: request.user.pk, _door(request.path)):
            return self.get_response(request)


def _door(path: str) -> str:
    first = path.strip("/").partition("/")[0]
    return {"console": "console", "api": "api"}.get(first, "portal")
