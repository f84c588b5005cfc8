"""The kernel."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("Customers and exchanges")

    def ready(self) -> None:
        from crm import receivers  # noqa: F401 (connects itself)

        connection_created.connect(_names_the_actor, dispatch_uid="audit")
        for connection in connections.all(initialized_only=True):
            _names_the_actor(connection)


def _names_the_actor(connection: Any, **_: Any) -> None:
    from crm.services import audit

    if audit.name_actor not in connection.execute_wrappers:
        connection.execute_wrappers.append(audit.name_actor)
