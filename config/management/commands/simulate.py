"""The demo's simulated agent, a process of its own."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo.simulate import amelie


class Command(BaseCommand):
    help = "Amélie answers box questions at any hour (demo only)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Simulated people work in a demo only: use `make demo`.")
        amelie.run()
