"""Whether the database holds what the simulated people sent and saw."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.demo import compare
from config.demo.simulate import ledger


class Command(BaseCommand):
    help = "Compare the ledger of the simulated people with the database; 1 where they differ."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wait", type=float, default=30, help="seconds for what was accepted to be worked on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        until = time.monotonic() + options["wait"]
        while True:
            told = compare.entries(ledger.folder())
            found = list(compare.differences(told))
            if not found or time.monotonic() > until:
                break
            time.sleep(1.0)  # mails and surveys are on their way; each look reads every ledger
        for line in found:
            self.stdout.write(line)
        counts = ", ".join(f"{what} {count}" for what, count in compare.compared(told).items())
        self.stdout.write(f"{len(found)} differences ({counts})")
        if found:
            sys.exit(1)
