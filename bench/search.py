"""Answering a question from 50,000 help articles, half of the questions with a typing error.

Value: the product's index, asked as the portal asks it (words, spelling, trigrams, confidence).
Reference: bare PostgreSQL full text over the same articles, any of the words, best first.
BENCH_SIZE scales the number of articles."""

import os
import random
import statistics
import time
from collections.abc import Iterator

from bench.figure import Figure

_WORDS = 40_000  # of the vocabulary, drawn by Zipf
_PROBES = 200


def run() -> Iterator[Figure]:
    from selfcare.search import usual
    from selfcare.search.engine import Entry, Index

    count = int(50_000 * float(os.environ.get("BENCH_SIZE", "1")))
    draw = random.Random(11)
    vocabulary = _vocabulary(draw)
    articles = [
        (_text(vocabulary, draw, 6, 13), _text(vocabulary, draw, 80, 160)) for _n in range(count)
    ]
    questions = [_question(draw.choice(articles), draw, n % 2 == 0) for n in range(_PROBES)]
    entries = [Entry(n, *texts) for n, texts in enumerate(articles)]
    index = Index(entries, "fr", usual.groups("fr"), usual.others())
    own = _spent(lambda question: index.ask(question, 10), questions)
    bare = _bare(articles, questions)
    for share, value in (
        ("p95", lambda v: statistics.quantiles(v, n=20)[-1]),
        ("p50", statistics.median),
    ):
        unit = f"ms {share}, {count} articles"
        yield Figure(value(own), unit, f"bare full text, ms {share}", value(bare))


def _spent(ask, questions: list[str]) -> list[float]:
    for question in questions:  # warm: pages in memory, stems known
        ask(question)
    spent = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        spent.append((time.perf_counter() - began) * 1000)
    return spent


def _bare(articles: list[tuple[str, str]], questions: list[str]) -> list[float]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (id serial, words tsvector)")
        with cursor.copy("COPY bare (words) FROM STDIN") as copy:
            for title, body in articles:
                places = (f"'{word}':{n}" for n, word in enumerate(f"{title} {body}".split(), 1))
                copy.write_row((" ".join(places),))
        cursor.execute("CREATE INDEX ON bare USING gin (words)")
        cursor.execute("ANALYZE bare")

        def ask(question: str) -> None:
            cursor.execute(
                "SELECT id FROM bare, to_tsquery('simple', %s) q WHERE words @@ q "
                "ORDER BY ts_rank_cd(words, q) DESC LIMIT 10",
                [" | ".join(question.split())],
            )
            cursor.fetchall()

        return _spent(ask, questions)


def _vocabulary(draw: random.Random) -> list[str]:
    parts = [c + v for c in "bcdfglmnprstv" for v in ("a", "e", "i", "o", "u", "an", "on")]
    found: dict[str, None] = {}
    while len(found) < _WORDS:
        found["".join(draw.choices(parts, k=draw.randint(2, 4)))] = None
    return list(found)


def _text(vocabulary: list[str], draw: random.Random, least: int, most: int) -> str:
    size = len(vocabulary)
    words = (vocabulary[int(size ** draw.random()) - 1] for _n in range(draw.randint(least, most)))
    return " ".join(words)


def _question(article: tuple[str, str], draw: random.Random, mistyped: bool) -> str:
    """Words of a title and of its text, as somebody who looks for it remembers them."""
    title, body = (text.split() for text in article)
    words = draw.sample(title, min(4, len(title))) + draw.sample(body, 4)
    if mistyped:
        at = draw.randrange(len(words))
        place = draw.randrange(1, len(words[at]))
        words[at] = words[at][:place] + words[at][place + 1 :]
    return " ".join(words)
