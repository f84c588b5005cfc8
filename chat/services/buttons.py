"""The honest state of the fixed button: what the visitor can have for this subject, now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat import invitations
from crm import clock
from crm.models import Interaction, Queue, Subject, Visit
from crm.services import availability, kept, routing
from crm.services import hours as hours_words


@dataclass(frozen=True)
class Way:
    """Another way to reach us, by address: python knows nothing of who serves it."""

    name: str  # "callback", "mail"
    label: str
    url: str


@dataclass(frozen=True)
class Button:
    """What the launcher says and what the panel offers."""

    # "chat", "wait", "message" (all busy, for how long is unknown), "full", "closing" (no more can
    # be served today), "nobody", "closed"
    state: str
    label: str  # the launcher's word
    detail: str  # one sentence in the panel
    ways: list[Way]
    queue: Queue | None = None  # where the chat would wait; none: no chat

    @property
    def can_chat(self) -> bool:
        return self.state in {"chat", "wait"}


_NO_CHAT = {
    availability.Now.NOBODY: gettext_lazy(
        "No adviser is online at the moment. Tell us when to call you, or write to us: we answer "
        "everybody."
    ),
    availability.Now.FULL: gettext_lazy(
        "Too many people are waiting to chat with us. Rather than let you wait, we offer to call "
        "you back, or write to us: we answer everybody."
    ),
    availability.Now.CLOSING: gettext_lazy(
        "We close soon, and those who wait already take the time that is left. Tell us when to "
        "call you, or write to us: we answer everybody."
    ),
}


def button(
    subject: Subject | None,
    *,
    language: str,
    visit: Visit | None = None,
    at: datetime | None = None,
) -> Button:
    """Computed at each asking, never promised ahead: hours first, then people, then the pace."""
    at = at or clock.now()
    with translation.override(language):
        others = ways(subject, language=language, visit=visit)
        if subject is None or not subject.is_open(at):
            return _closed(subject, language, at, others)
        door = availability.door(
            subject.queue_at(at),
            hours=subject.hours(),
            at=at,
            language=language[:2],
            held=invitations.held(at),
        )
        queue, now = door.queue, door.now
        if now == availability.Now.FREE:
            free = _("An adviser is free now.")
            because = hours_words.because(subject.hours(), at, language)  # hours by exception
            said = f"{free} {because}".strip()
            return Button("chat", _("Chat with us"), said, others, queue=queue)
        if queue is None or now == availability.Now.CLOSED:
            return _closed(subject, language, at, others)
        if why_not := _NO_CHAT.get(now):
            return Button(now.value, _("Leave a message"), str(why_not), others)
        wait = routing.expected_wait(queue)
        if wait is None:
            return Button(
                "message",
                _("Leave a message"),
                _("All our advisers are busy. Tell us when to call you, or write to us."),
                others,
            )
        # free for others' promises only: a short wait, never "now"
        wait = wait if wait.high else routing.Wait(1, 2)
        about = ngettext("about %(n)d minute", "about %(n)d minutes", wait.minutes)
        return Button(
            "wait",
            _("Chat, %(about)s") % {"about": about % {"n": wait.minutes}},
            _("An adviser answers in %(range)s. You can also choose another way.")
            % {"range": wait.in_words()},
            others,
            queue,
        )


def _closed(subject: Subject | None, language: str, at: datetime, others: list[Way]) -> Button:
    hours = subject.hours() if subject else None
    opening = hours.next_opening(at) if hours else None
    if hours is None or opening is None:
        return Button(
            "closed", _("Contact us"), _("The chat is closed. Here is how to reach us."), others
        )
    when = opening_in_words(opening, at, hours.time_zone, language)
    because = hours_words.because(hours, at, language)
    opens = _("The chat on this subject opens again %(when)s.") % {"when": when}
    return Button(
        "closed",
        _("Chat closed"),
        f"{because} {opens}".strip(),
        others,
    )


def opening_in_words(opening: datetime, at: datetime, zone: str, language: str) -> str:
    """ "at 8:00", "tomorrow at 8:00", "on Monday, 3 November at 8:00"."""
    local, today = opening.astimezone(ZoneInfo(zone)), at.astimezone(ZoneInfo(zone)).date()
    code = "fr" if language.startswith("fr") else "en_GB"
    hour = (
        f"{local.hour}\u00a0h" + (f"\u00a0{local.minute:02d}" if local.minute else "")
        if code == "fr"
        else format_time(local.time(), "HH:mm", locale=code)
    )
    if local.date() == today:
        return _("at %(hour)s") % {"hour": hour}
    if local.date() == today + timedelta(days=1):
        return _("tomorrow at %(hour)s") % {"hour": hour}
    day = format_date(local.date(), "EEEE d MMMM", locale=code)
    return _("on %(day)s at %(hour)s") % {"day": day, "hour": hour}


def ways(
    subject: Subject | None, *, language: str, visit: Visit | None = None, kept: str = ""
) -> list[Way]:
    """Callback and mail on the portal, with the subject and what was read carried along; `kept`:
    and what was written (crm.services.kept)."""
    carried = {
        "subject": subject.slug if subject else "",
        "visit": visit.key if visit else "",
        "kept": kept,
    }
    query = urlencode({name: value for name, value in carried.items() if value})
    found = []
    with translation.override(language):
        for name, label, address in (
            ("callback", _("Have us call you"), "selfcare:callback"),
            ("mail", _("Write to us"), "selfcare:contact"),
        ):
            try:
                url = f"{settings.PORTAL_URL}{reverse(address)}"
            except NoReverseMatch:  # installed without the portal
                continue
            found.append(Way(name, label, f"{url}?{query}" if query else url))
    return found


def in_writing(found: list[Way]) -> list[Way]:
    """Where a call is offered and no chat, the way for whoever cannot telephone: a mail, answered
    first."""
    by_name = {way.name: way.url for way in found}
    if not by_name.keys() >= {"callback", "mail"}:
        return []
    mail = by_name["mail"]
    label = _("Deaf or hard of hearing: in writing, answered first")
    return [Way("in_writing", label, f"{mail}{'&' if '?' in mail else '?'}in_writing=1")]


def instead(row: Interaction) -> list[dict[str, str]]:
    """A call or a mail for whoever waits, with what they wrote in its form; either closes the
    chat (crm.services.kept)."""
    found = ways(row.subject, language=row.language, visit=row.visit, kept=kept.token(row))
    with translation.override(row.language):
        return [vars(way) for way in (*found, *in_writing(found))]
