"""Read articles from JSON Lines."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from selfcare.services import importing


class Command(BaseCommand):
    help = "Make or update help articles from JSON Lines; the same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="one object a line, UTF-8; - reads standard input")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            if file == "-":
                done = importing.import_articles(sys.stdin)
            else:
                with Path(file).open(encoding="utf-8-sig") as lines:
                    done = importing.import_articles(lines)
        except (OSError, UnicodeDecodeError, importing.BadLine) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done.made} made, {done.changed} changed, {done.same} the same")
