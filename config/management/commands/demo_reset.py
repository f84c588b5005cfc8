"""Forget the demo's data and start over."""

import os
import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import embedded

# What we made in VAR_DIR; a file of somebody else stays.
OURS = (
    *("services.users", "services.guardian", "services.json", "demo.lock", "demo.json"),
    *("ports.json", "secret_key", "static.from", "static", "media", "log"),
    *("house.from", "demo.removed", "demo.leaving", "catcher", "simulate"),
)


class Command(BaseCommand):
    help = "Remove everything the demo keeps in VAR_DIR. The next `make demo` starts from nothing."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        var = settings.VAR_DIR
        if os.environ.get("DATABASE_URL"):
            raise CommandError(
                "DATABASE_URL names a database of yours, which this command does not touch. "
                "Empty it yourself, or unset DATABASE_URL."
            )
        if not embedded.is_free(var / "demo.lock") or embedded.in_use(var):
            raise CommandError(f"The services of {var} are in use. Stop the demo first.")
        embedded.remove(var)
        for name in OURS:
            path = var / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if var.is_dir() and not any(var.iterdir()):
            var.rmdir()
        self.stdout.write("The demo's data is gone; `make demo` starts from nothing.")
