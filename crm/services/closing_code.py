"""What an exchange was really about: proposed from the customer's words, by what they were coded as
in the exchanges that closed last. A few hundred short texts are counted anew for each question:
nothing to train, nothing to go stale, and each proposal names the words it comes from."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from math import log

from django.db.models.functions import Coalesce, Left

from crm.models import Interaction, Message, Status, Subject
from crm.services.search.words import language_of, stem
from crm.text import fold

_LOOKED_AT = 400  # closed exchanges
_LINES = 6  # of a customer, from the beginning
_LONG = 4000  # characters of each
_MOST = 3
_LIKELY, _SURE = 0.3, 2.0  # in nats
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Proposal:
    subject: Subject
    words: list[str]
    sure: bool  # enough to stand in for what the customer chose


def propose(row: Interaction) -> list[Proposal]:
    """Likeliest first; empty when the words say nothing."""
    said = _words(row.language, [row.title, *_lines([row.pk]).get(row.pk, [])])
    lesson = _lesson(row)
    if not said or not lesson:
        return []
    subjects = Counter(subject for subject, _said in lesson)
    anywhere: Counter[str] = Counter()
    within: dict[int, Counter[str]] = {key: Counter() for key in subjects}
    for subject, known in lesson:
        anywhere.update(known.keys())
        within[subject].update(known.keys())
    scored = []
    for subject, count in subjects.items():
        gains = {
            word: _trust(within[subject][word])
            * (
                log((within[subject][word] + 0.5) / (count + 1))
                - log((anywhere[word] + 0.5) / (len(lesson) + 1))
            )
            for word in said
            if within[subject][word] > 1
        }
        telling = sorted((w for w in gains if gains[w] > 0.2), key=lambda w: -gains[w])
        score = sum(gains[word] for word in telling) + 0.3 * log(count / len(lesson))
        if telling and score > _LIKELY:
            scored.append((score, subject, [said[word] for word in telling[:4]]))
    scored.sort(key=lambda one: (-one[0], one[1]))
    active = Subject.objects.filter(is_active=True).in_bulk(key for _score, key, _why in scored)
    found = [Proposal(active[key], why, n > _SURE) for n, key, why in scored if key in active]
    return found[:_MOST]


def _trust(times: int) -> float:
    """A word heard twice proves little."""
    return times / (times + 4)


def _lesson(row: Interaction) -> list[tuple[int, dict[str, str]]]:
    """Subject and words of the last closed exchanges in this language."""
    closed = Interaction.objects.filter(
        status=Status.CLOSED, closed_at__isnull=False, language=row.language,
    ).annotate(about=Coalesce("real_subject__merged_into", "real_subject")).filter(
        about__in=Subject.objects.filter(is_active=True).values("pk")
    ).exclude(pk=row.pk).exclude(outcome__in=Interaction.NOT_COUNTED)  # fmt: skip
    last = list(closed.order_by("-closed_at").values_list("pk", "about", "title")[:_LOOKED_AT])
    lines = _lines([key for key, _subject, _title in last])
    taught = [
        (subject, _words(row.language, [title, *lines.get(key, [])]))
        for key, subject, title in last
        if subject is not None
    ]
    return [(subject, said) for subject, said in taught if said]


def _lines(keys: list[int]) -> dict[int, list[str]]:
    said = Message.objects.filter(
        interaction__in=keys, author=Message.Author.CUSTOMER, kind=Message.Kind.TEXT,
        deleted_at=None,
    ).order_by("interaction", "pk").values_list("interaction", Left("text", _LONG))  # fmt: skip
    return {
        key: [text for _key, text in lines][:_LINES]
        for key, lines in groupby(said.iterator(), key=lambda line: line[0])
    }


def _words(language: str, texts: list[str]) -> dict[str, str]:
    """Stem → the word as it was written."""
    spoken = language_of(language)
    return {
        stem(fold(word), spoken): word.lower() for text in texts for word in _WORD.findall(text)
    }
