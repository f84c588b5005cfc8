"""The kernel."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Customers and exchanges")

    def ready(self) -> None:
        from crm import receivers  # noqa: F401 (connects itself)
