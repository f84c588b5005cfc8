"""What the kept figures can be cut by, and how an exchange's keys become one number."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import F, IntegerField
from django.db.models.expressions import Case, When
from numpy.typing import NDArray

from crm.models import Agent, Queue, ReportWord, Subject
from crm.reports import dimensions
from crm.reports.rollup.entries import Numbers

Key = Any


@dataclass(frozen=True)
class Field:
    """Some bits of the number; 0 is "without any"."""

    name: str
    shift: int
    bits: int

    @property
    def most(self) -> int:
        return (1 << self.bits) - 1

    @property
    def mask(self) -> int:
        return self.most << self.shift

    def of(self, key: Numbers) -> Numbers:
        return (key >> self.shift) & self.most


CHANNEL = Field("channel", 0, 5)
LANGUAGE = Field("language", 5, 6)
DEVICE = Field("device", 11, 3)
QUEUE = Field("queue", 14, 11)
AGENT = Field("agent", 25, 17)
SUBJECT = Field("subject", 42, 15)
SLOT = Field("slot", 57, 6)  # the half hour of its day, in real time: 46 to 50 of them
WORDS = (CHANNEL, LANGUAGE, DEVICE)
IDS: Mapping[Field, Callable[[], Any]] = {
    QUEUE: lambda: F("queue_id"),
    AGENT: dimensions.credited,
    SUBJECT: dimensions.said_subject,
}
# which field tells a dimension of the reports; a team or a site is told by the agent's of today, a
# merged subject by what it counts as today, as in every other figure
FIELDS = {
    "channel": CHANNEL,
    "language": LANGUAGE,
    "device": DEVICE,
    "queue": QUEUE,
    "agent": AGENT,
    "team": AGENT,
    "place": AGENT,
    "subject": SUBJECT,
}


class TooMany(OverflowError):
    """More queues, agents or subjects than a key has numbers for."""


@dataclass
class Vocabulary:
    """The numbers of words and ids. New ones are its own until they are saved."""

    numbers: dict[str, dict[str, int]]
    new: list[ReportWord] = field(default_factory=list)
    # looked up once for all figures of a moment
    _told: dict[str, tuple[Numbers, list[Key]]] = field(default_factory=dict)
    _meant: dict[tuple[Key, ...], NDArray[np.bool_]] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Vocabulary":
        numbers: dict[str, dict[str, int]] = {one.name: {} for one in (*WORDS, *IDS)}
        for row in ReportWord.objects.all():
            numbers[row.dimension][row.word] = row.number
        return cls(numbers)

    def save(self) -> None:
        """By who alone counts again (build.alone)."""
        ReportWord.objects.bulk_create(self.new)
        self.new = []

    def learn(self, one: Field, word: str) -> int:
        known = self.numbers[one.name]
        if word not in known:
            known[word] = max(known.values(), default=0) + 1
            if known[word] >= one.most:
                raise TooMany(one.name)
            self.new.append(ReportWord(dimension=one.name, word=word, number=known[word]))
            self._told.clear()
            self._meant.clear()
        return known[word]

    def in_sql(self, one: Field) -> Case:
        """The number of an exchange's word: 0 without, `most` where it has none yet."""
        cases = [
            When(**{one.name: word}, then=number) for word, number in self.numbers[one.name].items()
        ]
        if not cases:
            cases = [When(pk=None, then=0)]
        return Case(
            When(**{one.name: ""}, then=0), *cases, default=one.most, output_field=IntegerField()
        )

    def of_ids(self, one: Field, ids: Numbers) -> Numbers:
        """The numbers of ids, 0 of 0."""
        different, where = np.unique(ids, return_inverse=True)
        numbers = [self.learn(one, str(pk)) if pk else 0 for pk in different.tolist()]
        return np.array(numbers, np.int64)[where]

    def told(self, dimension: str) -> tuple[Numbers, list[Key]]:
        """For each number of its field the place of the dimension's key among the different ones,
        and these."""
        if dimension not in self._told:
            one, names = FIELDS[dimension], {None: 0}
            places = np.zeros(one.most + 1, np.int64)
            key = self._keys(dimension)
            for word, number in self.numbers[one.name].items():
                places[number] = names.setdefault(key(word), len(names))
            self._told[dimension] = places, list(names)
        return self._told[dimension]

    def meant(self, dimension: str, wanted: Collection[Key]) -> NDArray[np.bool_]:
        """For each number of its field, whether its key is one of these."""
        asked = (dimension, *wanted)
        if asked not in self._meant:
            places, names = self.told(dimension)
            self._meant[asked] = np.array([name in wanted for name in names])[places]
        return self._meant[asked]

    def _keys(self, dimension: str) -> Callable[[str], Key]:
        """From a word to the dimension's key; of an id it is the row's of today."""
        if FIELDS[dimension] in WORDS:
            return str
        if dimension == "agent":
            return int
        found = dict(_TELLS[dimension]())
        return lambda word: found.get(int(word))


_TELLS: Mapping[str, Callable[[], Any]] = {
    "subject": Subject.objects.current,
    "queue": lambda: Queue.objects.values_list("pk", "slug"),
    "team": lambda: Agent.objects.values_list("pk", "team"),
    "place": lambda: Agent.objects.values_list("pk", "team__place"),
}
