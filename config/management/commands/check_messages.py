"""Lint: every text has its French."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import translations


class Command(BaseCommand):
    help = "Fail when a text of the product has no French translation."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        lacking = translations.missing(translations.read())
        for text in lacking:
            self.stdout.write(f"{text.place}: no French for {text.msgid!r}")
        if lacking:
            raise CommandError(
                f"{len(lacking)} texts have no French. Run `make messages`, then fill in "
                f"{translations.PO.relative_to(translations.BASE_DIR)}."
            )
