"""Searches without a good answer, grouped by what was meant: the editors' worklist."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from crm import clock
from crm.models import User, VisitStep
from selfcare.models import SearchDealtWith
from selfcare.search import words

DAYS = 30
_AT_MOST = 5000  # steps read
# an address, or a number as long as a phone's: nobody's business, and no article's subject
_PERSONAL = re.compile(r"@|(?:\d[\s.-]?){6,}")


@dataclass
class Group:
    """One thing that people looked for and did not find."""

    language: str
    key: str
    forms: Counter[str] = field(default_factory=Counter)
    visits: set[int] = field(default_factory=set)
    asked: set[int] = field(default_factory=set)  # visits that then asked for somebody
    last_at: datetime | None = None

    @property
    def name(self) -> tuple[str, str]:
        return self.language, self.key

    @property
    def text(self) -> str:
        return self.forms.most_common(1)[0][0]

    @property
    def others(self) -> list[str]:
        return [form for form, _count in self.forms.most_common(5)][1:]


def is_personal(text: str) -> bool:
    """Could it tell who searched? Such words are shown to nobody and learned from never."""
    return bool(_PERSONAL.search(text))


def key_of(text: str, language: str) -> str:
    """What two ways of asking the same have in common: the stems, in any order."""
    stems = {words.stem(word, language) for word in words.asked(text, language)}
    return " ".join(sorted(stems))[:200]


def worklist(*, at: datetime | None = None, limit: int = 100) -> list[Group]:
    """The groups of the last month, most wanted first; two queries however many searches."""
    at = at or clock.now()
    done = _dealt_with()
    left = [
        group
        for group in between(at - timedelta(days=DAYS), at)
        if group.name not in done or (group.last_at and group.last_at > done[group.name])
    ]
    return left[:limit]


def between(since: datetime, until: datetime) -> list[Group]:
    """What was looked for in vain, dealt with or not, most wanted first."""
    asks = VisitStep.objects.filter(
        visit=OuterRef("visit"), kind=VisitStep.Kind.ASK, at__gte=OuterRef("at")
    )
    steps = (
        VisitStep.objects.filter(kind=VisitStep.Kind.SEARCH, value=0, at__gte=since, at__lte=until)
        .annotate(then_asked=Exists(asks))
        .order_by("-at")
        .values_list("label", "visit_id", "visit__language", "at", "then_asked")[:_AT_MOST]
    )
    groups: dict[tuple[str, str], Group] = {}
    for label, visit, language, when, then_asked in steps:
        if is_personal(label):
            continue
        language = "en" if language.startswith("en") else "fr"
        if key := key_of(label, language):
            group = groups.setdefault((language, key), Group(language, key))
            _count(group, label, visit, when, then_asked)
    return sorted(groups.values(), key=lambda g: (-len(g.visits), g.text))


def _count(group: Group, label: str, visit: int, when: datetime, then_asked: bool) -> None:
    group.forms[label.strip().lower()] += 1
    group.visits.add(visit)
    if then_asked:
        group.asked.add(visit)
    group.last_at = max(group.last_at or when, when)


def _dealt_with() -> dict[tuple[str, str], datetime]:
    rows = SearchDealtWith.objects.values_list("language", "key", "at")
    return {(language, key): at for language, key, at in rows}


def deal_with(language: str, key: str, *, by: User | None, at: datetime | None = None) -> None:
    """Off the list, until somebody looks for it again."""
    SearchDealtWith.objects.update_or_create(
        language=language, key=key[:200], defaults={"at": at or clock.now(), "by": by}
    )
