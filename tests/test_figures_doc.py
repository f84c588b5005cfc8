"""docs/figures.md says what the code counts."""

from config.management.commands import figures


def test_the_document_of_the_figures_is_up_to_date():
    written = figures.FILE.read_text(encoding="utf-8")
    assert written == figures.document(), "Run `.venv/bin/python manage.py figures`."
