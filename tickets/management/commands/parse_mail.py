"""What did it see? One JSON object per file, with the names of ParsedMail."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tickets.mail.parse import parse


class Command(BaseCommand):
    help = "Prints what is read from mails, one JSON object a file, attachments without bytes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        """What can be read is told, whatever the others are; then it ends with an error."""
        unread = []
        for name in options["files"]:
            try:
                raw = Path(name).read_bytes()
            except (OSError, ValueError) as error:
                unread.append(f"{name}: {getattr(error, 'strerror', None) or error}")
                continue
            self.stdout.write(json.dumps(parse(raw).as_dict(), ensure_ascii=False))
        if unread:
            raise CommandError("\n".join(unread))
