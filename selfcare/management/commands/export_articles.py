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
        forms = [form.value for form in article_formats.FORMS]
        parser.add_argument(
            "--format",
            choices=forms,
            default=forms[0],
            help="zip: JSON Lines with pictures and documents; md: a ZIP of Markdown with them",
        )

    def handle(self, *args: Any, format: str, **options: Any) -> None:
        with TemporaryFile() as file:  # an archive is not written from front to back
            article_formats.write(format, file)
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)
