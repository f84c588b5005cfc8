"""Ask the help search from a script."""

import io
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from selfcare import search
from selfcare.models import LANGUAGES, Article


class Command(BaseCommand):
    help = "One query a line on standard input; one JSON object a line: results, answered."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--language", choices=[code for code, _name in LANGUAGES], default="fr")
        parser.add_argument("--limit", type=int, default=10)

    def handle(self, *args: Any, language: str, limit: int, **options: Any) -> None:
        names = dict(Article.objects.values_list("translations__pk", "external_id"))
        if isinstance(sys.stdin, io.TextIOWrapper):  # whatever bytes come, one line is one query
            sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
        for line in sys.stdin:
            found = search.ask(line, language, limit)
            if not found.answered and (other := search.elsewhere(line, language, limit)):
                found = other[1]
            results = [
                {"external_id": names[key], "score": round(score, 4)} for key, score in found.hits
            ]
            self.stdout.write(json.dumps({"results": results, "answered": found.answered}))
