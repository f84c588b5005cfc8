"""The composition root's two app configurations."""

from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate  # noqa: TID251 (no row: the tables are there)


class ConsoleConfig(AdminConfig):
    """Django's admin, served by our own site (config/console.py)."""

    default_site = "config.console.ConsoleSite"


class RootConfig(AppConfig):
    """Owns the management commands that see every app: demo, serve, seed."""

    name = "config"

    def ready(self) -> None:
        # after the last app's: by then every permission is there
        last = [app for app in apps.get_app_configs() if app.models_module][-1]
        post_migrate.connect(_fills_the_roles, sender=last, dispatch_uid="roles")
        if settings.DEMO:
            from config.demo import console, receivers  # noqa: F401 (they register)


def _fills_the_roles(using: str, **_: Any) -> None:
    from crm.services import roles

    roles.ensure(using)
