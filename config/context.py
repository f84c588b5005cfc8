"""What every template may need to know of the installation."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def installation(request: HttpRequest) -> dict[str, object]:
    return {
        "STAFF_DOOR": is_for_staff(request),
        "PORTAL_URL": settings.PORTAL_URL,
        "BRAND": settings.BRAND,
        "DEMO": settings.DEMO,
    }


def is_for_staff(request: HttpRequest) -> bool:
    """Another host than the portal's, or on the way to the console."""
    here = f"{request.scheme}://{request.get_host()}"
    wanted = request.GET.get("next") or request.POST.get("next") or ""
    return here != settings.PORTAL_URL or wanted.startswith(reverse("admin:index"))
