"""Who can be reached now, and how: what the portal's buttons may honestly say."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.models import Agent, Queue, Schedule, Subject
from crm.services import availability, routing
from crm.services import hours as hours_words
from crm.services.availability import Now
from selfcare.services import answer_times, promises, slots


@dataclass(frozen=True)
class Offer:
    """One way to go on, as it stands at this moment."""

    channel: str
    state: str  # "now", "wait", "later", "always": a shape and a word, never colour alone
    words: str
    at: datetime | None = None  # when it opens; None: it is open, or nobody knows
    because: str = ""  # a holiday, a closure, hours by exception


def for_subject(subject: Subject | None, *, at: datetime, zone: str, language: str) -> list[Offer]:
    """The ways to go on with this subject, best first; with None, as the home page says it."""
    subjects = [subject] if subject else leaves()
    return [
        _chat(subjects, at, language),
        *_callback(subjects, at, zone, language),
        Offer("mail", "always", answer_times.of_subjects(subjects, at) or _("we answer by email")),
    ]


def leaves() -> list[Subject]:
    """The subjects that people ask about, with all that tells their hours: a fixed few queries."""
    return list(Subject.objects.leaves().with_hours())


def _chat(subjects: list[Subject], at: datetime, language: str) -> Offer:
    doors = [
        availability.door(queue, hours=hours, at=at, language=language)
        for queue, hours in _open_queues(subjects, at)
    ]
    for door in doors:
        if door.now == Now.FREE and (agent := routing.free_agent(door.queue, language=language)):
            return Offer("chat", "now", _somebody(agent))
    waits = [
        wait
        for door in doors
        if door.now == Now.BUSY and door.queue
        if (wait := routing.expected_wait(door.queue)) is not None
    ]
    if waits:
        return Offer(
            "chat",
            "wait",
            _("about %(minutes)d min wait") % {"minutes": min(wait.minutes for wait in waits)},
        )
    found = {door.now for door in doors}
    if found & {Now.FREE, Now.BUSY, Now.FULL}:
        # for how long is unknown, so no chat is offered: as the chat's own window says
        return Offer("chat", "later", _("everybody is busy"))
    if Now.CLOSING in found:
        return Offer("chat", "later", _("closes soon, no more room today"))
    if doors:
        return Offer("chat", "later", _("nobody is online at the moment"))
    known = [
        (opening, hours)
        for s in subjects
        if (hours := s.hours()) and (opening := hours.next_opening(at))
    ]
    first, hours = min(known, key=lambda pair: pair[0], default=(None, None))
    because = hours_words.because(hours, at, language)
    return Offer("chat", "later", pgettext("hours", "closed"), first, because)


def _somebody(agent: Agent) -> str:
    return _("%(name)s is available") % {"name": agent.display_name}


def _open_queues(subjects: list[Subject], at: datetime) -> list[tuple[Queue, Schedule]]:
    """Each with the hours of one of the subjects that lead to it."""
    found: dict[int, tuple[Queue, Schedule]] = {}
    for subject in subjects:
        hours, queue = subject.hours(), subject.queue_at(at)
        if hours and queue and hours.is_open(at):
            found.setdefault(queue.pk, (queue, hours))
    return list(found.values())


def _callback(subjects: list[Subject], at: datetime, zone: str, language: str) -> list[Offer]:
    """As soon as possible, for a subject whose line somebody serves; else the first slot that can
    still be had, over one subject of each calendar."""
    if len(subjects) == 1:
        now = promises.at_once(subjects[0], at=at, zone=zone, language=language)
        if now:
            return [Offer("callback", "now", now)]
    by_calendar = {
        (s.queue_id, hours.pk): s for s in subjects if s.queue_id and (hours := s.hours())
    }
    starts = [
        day[0].start
        for subject in by_calendar.values()
        for _day, day in slots.free_days(subject, at=at, zone=zone, limit=1)
    ]
    return [Offer("callback", "later", pgettext("hours", "from"), min(starts))] if starts else []
