"""Read articles from a file or a folder."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from selfcare.services import article_formats, importing


class Command(BaseCommand):
    help = (
        "Make or update help articles from JSON Lines (one object a line), a table (.csv), or "
        "Markdown (a folder or .zip); the same again changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="UTF-8; - reads JSON Lines from standard input")

    def handle(self, *args: Any, file: str, **options: Any) -> None:
        try:
            if file == "-":
                done = importing.import_articles(sys.stdin)
            else:
                done = importing.import_rows(article_formats.read(Path(file)))
        except (OSError, UnicodeDecodeError, importing.BadFile) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{done.made} made, {done.changed} changed, {done.same} the same")
