"""What every template may need to know of the installation."""

from django.conf import settings
from django.http import HttpRequest


def installation(request: HttpRequest) -> dict[str, object]:
    return {
        "PORTAL_URL": settings.PORTAL_URL,
        "BRAND": settings.BRAND,
        "DEMO": settings.DEMO,
    }
