"""The composition root's two app configurations."""

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """Django's admin, served by our own site (config/console.py)."""

    default_site = "config.console.ConsoleSite"


class RootConfig(AppConfig):
    """Owns the management commands that see every app: demo, serve, seed."""

    name = "config"

    def ready(self) -> None:
        if settings.DEMO:
            from config.demo import console, receivers  # noqa: F401 (they register)
