"""What customers wrote: found by its words and tags, and which words come and go."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from crm.text import words
from selfcare.models import Answer

MOST_READ = 5000  # comments of a period whose words are counted, the newest
_SHOWN = 12
_SHORTEST = 4  # letters: what is shorter says little
_USUAL = frozenset(
    words(
        "alors après aucun aussi autre avait avant avec avez avoir beaucoup bien bonjour cela "
        "celle cette chez comme dans depuis donc elle encore entre était être faire fait fois "
        "juste leur mais même merci mieux moins notre nous parce parfait plus pour pourquoi "
        "quand quel quelle rien sans sera seul sont suis sous sur toujours tous tout toute "
        "très trop vous votre about after again also been before could from have here just "
        "like more much nothing only other over really some than that their them then there "
        "they this very well were what when which will with would your thank thanks "
    )
)


@dataclass(frozen=True)
class Trend:
    word: str
    now: int  # comments of the period in which it stands
    before: int  # and of the one before


def between(answers: QuerySet[Answer], since: datetime, until: datetime) -> QuerySet[Answer]:
    return answers.filter(answered_at__gt=since, answered_at__lte=until)


def trends(answers: QuerySet[Answer], until: datetime, period: timedelta) -> list[Trend]:
    """The words of the period, those first that came up most against the one before."""
    now = _counted(between(answers, until - period, until))
    before = _counted(between(answers, until - 2 * period, until - period))
    found = [Trend(word, count, before[word]) for word, count in now.items() if count > 1]
    found.sort(key=lambda trend: (trend.before - trend.now, -trend.now, trend.word))
    return found[:_SHOWN]


def _counted(answers: QuerySet[Answer]) -> Counter[str]:
    told = answers.exclude(folded="").order_by("-answered_at").values_list("folded", flat=True)
    return Counter(
        word
        for folded in told[:MOST_READ]
        for word in set(folded.split())
        if len(word) >= _SHORTEST and word not in _USUAL and not word.isdecimal()
    )


@transaction.atomic
def tag(answers: QuerySet[Answer], names: Iterable[str], *, away: bool = False) -> int:
    """Put these tags on them all, or take them off. Returns how many changed."""
    wanted = {name for name in (" ".join(raw.split())[:40] for raw in names) if name}
    changed = 0
    for answer in answers.select_for_update(of=("self",)).order_by("pk"):
        tags = set(answer.tags) - wanted if away else set(answer.tags) | wanted
        if tags != set(answer.tags):
            answer.tags = sorted(tags)
            answer.save(update_fields=["tags"])
            changed += 1
    return changed


def tags(answers: QuerySet[Answer]) -> list[str]:
    """The tags in use among them."""
    used = answers.exclude(tags=[]).values_list("tags", flat=True)[:MOST_READ]
    return sorted({name for row in used for name in row})
