"""Lint: every text has its French, and the French keeps to its rules."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import french, translations


class Command(BaseCommand):
    help = "Fail when a text of the product has no French translation, or a careless one."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        catalog = translations.read()
        lacking = translations.missing(catalog)
        for text in lacking:
            self.stdout.write(f"{text.place}: no French for {text.msgid!r}")
        if lacking:
            raise CommandError(
                f"{len(lacking)} texts have no French. Run `make messages`, then fill in "
                f"{translations.PO.relative_to(translations.BASE_DIR)}."
            )
        faults = list(french.faults(catalog))
        for french_text, rule in faults:
            self.stdout.write(f"{french_text!r}: {rule}")
        if faults:
            raise CommandError(f"{len(faults)} French texts break a rule of config/french.py.")
