"""Self-care."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SelfcareConfig(AppConfig):
    name = "selfcare"
    verbose_name = _("Self-care")

    def ready(self) -> None:
        from selfcare import receivers  # noqa: F401 (connects itself)
