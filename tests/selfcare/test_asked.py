"""Two hundred questions as people type them, over the demo's articles: with typing errors, in SMS
style, in other words, and a few that nothing answers ("-"). They guard the search; it is not tuned
on them."""

import json
from pathlib import Path

import pytest

from config.demo import data
from crm.text import plain
from selfcare.search import usual
from selfcare.search.engine import Entry, Index

ASKED = Path(__file__).parent / "asked"
SYNONYMS = {"fr": [["télécommande", "zapette", "zappette", "manette"]], "en": []}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_people_find_what_they_ask_for_however_they_type_it(language):
    lines = (data.FOLDER / f"articles.{language}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    entries = [
        Entry(at, row["title"], plain(row["body"]), row["keywords"]) for at, row in enumerate(rows)
    ]
    synonyms = [*usual.groups(language), *SYNONYMS[language]]
    index = Index(entries, language, synonyms, usual.others())
    first = among_five = answered = 0
    asked, unanswerable, wrong = 0, [], []
    for line in (ASKED / f"{language}.tsv").read_text(encoding="utf-8").splitlines():
        words, wanted = line.split("\t")
        found = index.ask(words, 5)
        names = [rows[at]["external_id"] for at, _score in found.hits]
        if wanted == "-":
            unanswerable.append((words, found.answered))
            continue
        asked += 1
        first += names[:1] == [wanted]
        among_five += wanted in names
        answered += found.answered and wanted in names
        if names[:1] != [wanted]:
            wrong.append((words, wanted, names))
    assert asked >= {"fr": 120, "en": 76}[language]
    assert first / asked >= 0.95, wrong
    assert among_five / asked >= 0.98, wrong
    assert answered / asked >= 0.95
    assert [words for words, said_yes in unanswerable if said_yes] == []
