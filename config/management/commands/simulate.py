"""The demo's simulated people, a process for the agents and one for the customers."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.simulate import run


class Command(BaseCommand):
    help = "Simulated agents, or customers, who use the public doors of the running demo."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("who", choices=sorted(run.PARTS))
        parser.add_argument("--seconds", type=float, default=0, help="end then (0: with the demo)")
        parser.add_argument("--haste", type=float, default=1.0, help="people this much faster")
        parser.add_argument("--traffic", type=float, help="instead of the demo's own brake")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Simulated people work in a demo only: use `make demo`.")
        run.run(
            options["who"],
            seconds=options["seconds"],
            haste=options["haste"],
            traffic=options["traffic"],
        )
