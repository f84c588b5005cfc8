"""Does one channel satisfy as well as another? Like with like: both weighted to the same mix of
subjects, with the raw figures beside it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm import registry
from crm.reports import measures, stats, words
from crm.reports.cut import Cut
from crm.reports.stats import FEW
from crm.reports.values import Scores


@dataclass(frozen=True)
class Parity:
    """One comparison; `gap` is like with like, None when there is too little to tell."""

    one: str
    other: str
    raw: tuple[Scores, Scores]
    alike: tuple[int, int]  # answers about subjects that both sides have
    gap: tuple[float, float, float] | None  # difference, and its 95 % interval

    @property
    def sentence(self) -> str:
        said = {"one": _channel(self.one), "other": _channel(self.other)}
        if self.gap is None:
            text = _(
                "%(one)s and %(other)s: cannot tell; %(n)s and %(m)s answers about the same "
                "subjects, %(few)s needed on each side."
            )
            n, m = self.alike
            return text % {**said, "n": words.count(n), "m": words.count(m), "few": FEW}
        middle, low, high = self.gap
        said |= {
            "points": words.rounded(abs(middle) * 100),
            "low": words.signed(low * 100),
            "high": words.signed(high * 100),
        }
        if low > 0:
            text = _(
                "%(one)s satisfies more than %(other)s: %(points)s points on the same mix of "
                "subjects (from %(low)s to %(high)s)."
            )
        elif high < 0:
            text = _(
                "%(one)s satisfies less than %(other)s: %(points)s points on the same mix of "
                "subjects (from %(low)s to %(high)s)."
            )
        else:
            text = _(
                "%(one)s satisfies as much as %(other)s on the same mix of subjects (difference "
                "between %(low)s and %(high)s points)."
            )
        return text % said

    @property
    def beside(self) -> str:
        one, other = self.raw
        return _("Without weighting: %(one)s against %(other)s.") % {
            "one": words.satisfaction(one),
            "other": words.satisfaction(other),
        }


def between(cut: Cut, one: str, other: str) -> Parity:
    """Two channels, whatever channel the cut is narrowed to. Four queries."""
    satisfaction = measures.get("satisfaction")
    subject = registry.dimension("subject")
    sides = [cut.with_("channel", name) for name in (one, other)]
    left, right = (satisfaction.by(side, subject) for side in sides)
    raw = tuple(satisfaction.total(side) for side in sides)
    both = [
        ((left[key].satisfied, left[key].count), (right[key].satisfied, right[key].count))
        for key in left.keys() & right.keys()
        if left[key].count and right[key].count
    ]
    alike = (sum(a[1] for a, _b in both), sum(b[1] for _a, b in both))
    gap = stats.alike(both) if min(alike) >= FEW else None
    return Parity(one, other, (raw[0], raw[1]), alike, gap)


def _channel(name: str) -> str:
    return str(registry.channel(name).label)
