"""The search learns from those who asked: what they read to the end, voted for, or were sent by an
agent becomes a question that the article answers. Two visits have to agree."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Count

from crm import clock
from crm.models import Message, Visit, VisitStep
from selfcare.models import Lesson, LessonProof, Translation
from selfcare.models.lesson import PROOFS
from selfcare.services import articles
from selfcare.services.failed_searches import is_personal

_SETTLED = timedelta(minutes=30)  # a visit that is quiet for so long is over
_LOOKED_BACK = timedelta(days=1)
_AT_ONCE = 2000  # visits
_EVERY = 600  # seconds
_READ = 20  # seconds in sight
_SOON = timedelta(minutes=5)  # from the search to the article
_LINK = re.compile(r"/(fr|en)/article/([-\w]+)")
Kind = VisitStep.Kind

Found = tuple[int, str, int]  # visit, words, translation


def learn_sometimes() -> int:
    """The sweep: looks at the last day's visits every ten minutes."""
    return learn() if cache.add("selfcare:learn", 1, _EVERY) else 0


def learn(*, at: datetime | None = None) -> int:
    """Note what the visits that are over confirmed; again changes nothing."""
    at = at or clock.now()
    over = Visit.objects.filter(last_at__gte=at - _LOOKED_BACK, last_at__lte=at - _SETTLED)
    asked = over.filter(steps__kind=Kind.SEARCH).distinct()
    keys = list(asked.order_by("-last_at").values_list("pk", flat=True)[:_AT_ONCE])
    found = {*_confirmed(keys), *_sent(keys)}
    return _keep([one for one in found if not is_personal(one[1])], at)


def _confirmed(visits: list[int]) -> Iterator[Found]:
    """Searches whose next article was read, or voted for, and that ended without asking us."""
    steps: dict[int, list[VisitStep]] = defaultdict(list)
    for step in VisitStep.objects.filter(visit__in=visits).order_by("at", "pk"):
        steps[step.visit_id].append(step)
    texts = _texts({s.target for row in steps.values() for s in row if s.kind == Kind.ARTICLE})
    languages = dict(Visit.objects.filter(pk__in=visits).values_list("pk", "language"))
    for visit, row in steps.items():
        for search, article in zip(row, row[1:], strict=False):
            if search.kind == Kind.SEARCH and _useful(search, article, row):
                text = texts.get((article.target, languages[visit][:2]))
                if text:
                    yield visit, _words(search.label), text


def _useful(search: VisitStep, article: VisitStep, row: list[VisitStep]) -> bool:
    if article.kind != Kind.ARTICLE or article.at - search.at > _SOON:
        return False
    later = row[row.index(article) + 1 :]
    votes = {s.value for s in later if s.kind == Kind.VOTE and s.target == article.target}
    asked = any(s.kind == Kind.ASK and s.at - article.at <= _SETTLED for s in later)
    if 0 in votes or asked:
        return False
    return 1 in votes or (article.value or 0) >= _READ


def _sent(visits: list[int]) -> Iterator[Found]:
    """Articles that an agent linked to, for the last thing this visit had searched."""
    said = Message.objects.filter(
        interaction__visit__in=visits, author=Message.Author.AGENT, text__contains="/article/"
    ).values_list("interaction__visit", "text", "created_at")
    for visit, text, when in said:
        search = (
            VisitStep.objects.filter(visit=visit, kind=Kind.SEARCH, at__lte=when)
            .order_by("-at")
            .first()
        )
        for language, slug in _LINK.findall(text) if search else []:
            linked = Translation.objects.filter(language=language, slug=slug).first()
            if linked and search:
                yield visit, _words(search.label), linked.pk


def _texts(targets: set[str]) -> dict[tuple[str, str], int]:
    rows = Translation.objects.filter(article__external_id__in=targets)
    return {
        (name, language): pk
        for name, language, pk in rows.values_list("article__external_id", "language", "pk")
    }


def _words(label: str) -> str:
    return " ".join(label.lower().split())[:200]


@transaction.atomic
def _keep(found: list[Found], at: datetime) -> int:
    wanted = [Lesson(translation_id=text, words=words) for _visit, words, text in found]
    Lesson.objects.bulk_create(wanted, ignore_conflicts=True)
    rows = Lesson.objects.filter(translation__in={text for _visit, _words, text in found})
    keys = {(row.translation_id, row.words): row for row in rows}
    proofs = [
        LessonProof(lesson=keys[text, words], visit_id=visit, at=at) for visit, words, text in found
    ]
    LessonProof.objects.bulk_create(proofs, ignore_conflicts=True)
    touched = Lesson.objects.filter(pk__in={proof.lesson_id for proof in proofs})
    grown = []
    for lesson in touched.annotate(counted=Count("proofs")):
        if lesson.counted != lesson.proof_count:
            lesson.proof_count = lesson.counted
            grown.append(lesson)
    Lesson.objects.bulk_update(grown, ["proof_count"])
    if any(lesson.proof_count >= PROOFS and not lesson.is_removed for lesson in grown):
        articles.changed()
    return len(grown)


def remove(lesson: Lesson) -> None:
    """An editor knows better: it is not learned again."""
    lesson.is_removed = True
    lesson.save(update_fields=["is_removed"])
    articles.changed()
