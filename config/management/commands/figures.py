"""docs/figures.md from the registered measures: what a figure means is written once, in code."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from config import translations
from crm.reports import measures

FILE = settings.BASE_DIR / "docs" / "figures.md"

_HEAD = """\
# Figures

What each figure of the reports counts. Made from the registered measures by
`.venv/bin/python manage.py figures`; a test fails when it is out of date. To change a definition,
change the measure (`crm/reports/shipped/`, `<app>/reports/measures.py`). The console shows the
same words under Reports, the API under `/api/v1/reports/`.

Figures of exchanges are cut and filtered by channel, queue, site, team, agent, subject, language,
device, how it began, opening hours, chats at once, known incident and invitation, and open the
exchanges behind them. Times are always shown as mean, median and 90th percentile together, the
latter two to the second up to one hour and to the minute above. Days are those of the
installation's time zone. By the first eight of these, periods of a year are ready; anything else
reads the exchanges themselves, for at most 31 days.
"""


def document() -> str:
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for measure in measures.every():
        yield f"## {_in('en', measure.label)} · {_in('fr', measure.label)}\n"
        yield f"`{measure.name}`, in {measure.unit} · {measure.source}\n"
        yield f"{_in('en', measure.formula)}\n"
        yield f"*{_in('fr', measure.formula)}*\n"


def _in(language: str, text: measures.Text) -> str:
    with translation.override(language):
        return str(text)


class Command(BaseCommand):
    help = "Write docs/figures.md, in English and French, from the registered measures."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        translations.compile_all()
        FILE.write_text(document(), encoding="utf-8")
        self.stdout.write(f"{FILE}: {len(measures.every())} figures.")
