"""The .mo files from the .po files, without Debian's gettext."""

from typing import Any

from django.core.management.base import BaseCommand

from config import translations


class Command(BaseCommand):
    help = "Compile the translations that changed, in pure Python."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        translations.compile_all()
