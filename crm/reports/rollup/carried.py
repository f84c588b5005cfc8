"""What the kept figures can be cut by, and how an exchange's keys become one number."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.db.models import F, IntegerField
from django.db.models.expressions import Case, When

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
    told: dict[str, dict[int, Key]] = field(default_factory=dict)

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

    def keys(self, dimension: str) -> Callable[[int], Key]:
        """From a field's number to the dimension's key."""
        one = FIELDS[dimension]
        words = {number: word for word, number in self.numbers[one.name].items()}
        if one in WORDS:
            return words.get
        ids = {number: int(word) for number, word in words.items()}
        if dimension == "agent":
            return ids.get
        if dimension not in self.told:
            self.told[dimension] = dict(_TELLS[dimension]())
        found = self.told[dimension]
        return lambda number: found.get(ids.get(number, 0))


_TELLS: Mapping[str, Callable[[], Any]] = {
    "subject": Subject.objects.current,
    "queue": lambda: Queue.objects.values_list("pk", "slug"),
    "team": lambda: Agent.objects.values_list("pk", "team"),
    "place": lambda: Agent.objects.values_list("pk", "team__place"),
}
