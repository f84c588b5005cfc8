"""Collect the texts of code and templates into the French catalog."""

from typing import Any

from django.core.management.base import BaseCommand

from config import translations


class Command(BaseCommand):
    help = "Bring config/locale/fr up to date with the code; translations are kept."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        lacking = translations.update()
        translations.compile_all()
        self.stdout.write(f"{translations.PO}: {lacking} texts have no French yet.")
