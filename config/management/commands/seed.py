"""Fills the demo: its house at once, the last 14 days, then the days before."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo import house, records, removal, replies, routing, stamp, together
from config.demo.history import run


class Command(BaseCommand):
    help = "Demo data. Without --older: settings and the last 14 days, once. With it: the rest."

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older", action="store_true", help="the 76 days before, by chunks")
        parser.add_argument(
            "--scale",
            type=float,
            default=float(os.environ.get("DEMO_SCALE", "1")),
            help="1 is 600 exchanges a day (DEMO_SCALE)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data goes into a demo only: use `make demo`.")
        if not 0 < options["scale"] <= 10:
            raise CommandError("DEMO_SCALE must be above 0 and at most 10.")
        if options["older"]:
            run.older(options["scale"], self.stdout.write)
            return
        if removal.was_removed():  # somebody wants this installation for themselves
            house.move()
            return
        if not stamp.is_current():
            house.ensure()
            stamp.keep()
        run.recent(options["scale"], self.stdout.write)
        records.ensure()
        replies.uses()
        routing.complaint()
        together.ensure()
