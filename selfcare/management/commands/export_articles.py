"""Write all articles down, as they can be read in again."""

import shutil
import sys
from tempfile import TemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from selfcare.services import article_formats


class Command(BaseCommand):
    help = "All help articles, shown or not, in every language, on standard output."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=["jsonl", "csv", "zip"], default="jsonl")

    def handle(self, *args: Any, format: str, **options: Any) -> None:
        if format == "zip":  # with the pictures and documents of the texts
            with TemporaryFile() as archive:
                article_formats.as_archive(archive)
                archive.seek(0)
                shutil.copyfileobj(archive, sys.stdout.buffer)
            return
        made = article_formats.as_table() if format == "csv" else article_formats.as_json_lines()
        for text in made:
            self.stdout.write(text, ending="")
