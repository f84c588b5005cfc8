"""Every word the widget shows, by language, so that its scripts carry none."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.models import Site
from crm.services import privacy, routing

MOST_LETTERS = 300
_TOLD = re.compile(r"\{\w*\}")


def shipped(language: str) -> dict[str, str]:
    """By the name under which a site may have its own."""
    with translation.override(language):
        return {
            "title": _("Chat"),
            "welcome": _("Hello. What can we do for you?"),
            "field": _("Your message"),
            "send": _("Send"),
            "close": _("Hide the chat"),
            "menu_end": _("End the chat"),
            "end_ask": _("End this chat?"),
            "yes": _("End"),
            "no": _("Go on"),
            "again": _("Start a new chat"),
            "go_on": _("Go on with this one"),
            "silent": _("We closed this chat because it was quiet. Write, and it goes on."),
            "pending": _("Kept, not sent yet"),
            "delivered": _("Delivered"),
            "read": _("Read"),
            "edit": _("Change"),
            "take_back": _("Take back"),
            "taken_back": _("Message taken back"),
            "edited": _("changed"),
            "auto": _("automatic message"),
            "typing": _("{name} is writing…"),
            "joined": _("{name} has joined the chat"),
            "parted": _("{name} has left the chat"),
            "transferred": _("You are being passed on to {name}"),
            "waiting": _("We are looking for an adviser for you."),
            "simulated": _("simulated adviser of the demo"),
            "closed": _("The chat is over. Thank you."),
            "left": _("You have ended the chat."),
            "reopened": _("The chat goes on."),
            "goes_on": _("We go on with request no. {reference}."),
            "emoji": _("Emoji"),
            "attach": _("Add a file"),
            "file_too_large": _("This file is larger than 10 MB."),
            "file_kind": _(
                "We cannot read files of this kind. Pictures, short films, PDF, office documents "
                "and plain text reach us."
            ),
            "file_too_many": _("That is enough files for this conversation."),
            "file_failed": _("The file was not sent."),
            "file_again": _("Send again"),
            "file_gone": _("no longer kept"),
            "file_remove": _("Remove"),
            "cancel": _("Cancel"),
            "offline": _("No connection. Your message is kept, we send it as soon as it is back."),
            "online": _("Connected again."),
            "busy": _("One moment, that was a lot at once. We send it again by itself."),
            "too_large": _("This message is too long. Shorten it, nothing is lost."),
            "gone": _("This chat can no longer be opened here. You can start a new one."),
            "failed": _("That did not work. Your message is kept: try again in a moment."),
            "thanks": _("Thank you."),
            "place_gone": _("{name} has just been taken. Here is what is possible now."),
            "accept": _("Chat with {name}"),
            "refuse": _("No, thank you"),
            "invitation": _("{name} can help you now"),
            "dialog": _("Chat window"),
            "about": _("What is it about?"),
            "choose": _("Choose a subject"),
            "readings": _("The answer may be here"),
            "optional": _("optional"),
            "privacy": _notice(),
            "privacy_more": _("Your data"),
            "mail": _("Receive this conversation by email"),
            "mail_hint": _(
                "If you leave before the end, the answer arrives there too, and you can answer it."
            ),
            "mail_field": _("Your email address"),
            "no_mail": _("Not now"),
            "mail_sent": _("On its way to {address}."),
            "elsewhere": _("You need not wait here"),
        }


def widget(site: Site, language: str) -> dict[str, str]:
    """The shipped texts, with the site's own in their place."""
    own: dict[str, Any] = site.texts if isinstance(site.texts, dict) else {}
    ours = shipped(language)
    if site.shows_unsent:
        with translation.override(language):
            ours["privacy"] += " " + _("They can read it while you write.")
    return {**ours, **{k: str(v) for k, v in own.get(language, {}).items() if k in ours}}


def own(texts: object) -> dict[str, dict[str, str]]:
    """A site's own texts, what says the same as we do left out.

    Raises ValidationError: an unknown language or name, no text, one too long, or one that asks
    for a {name} that is not told there."""
    if not isinstance(texts, dict):
        raise ValidationError(_("An object of languages is expected."))
    found: dict[str, dict[str, str]] = {}
    for language, words in texts.items():
        if language not in dict(settings.LANGUAGES) or not isinstance(words, dict):
            raise ValidationError(_("Unknown language: %(name)s.") % {"name": language})
        ours = shipped(language)
        for name, text in words.items():
            if name not in ours:
                raise ValidationError(_("There is no text called %(name)s.") % {"name": name})
            if said := _own_text(name, text, ours[name]):
                found.setdefault(language, {})[name] = said
    return found


def _own_text(name: str, text: object, ours: str) -> str:
    """ "" where it says what ours says."""
    if not isinstance(text, str):
        raise ValidationError(_("%(name)s: a text is expected.") % {"name": name})
    text = text.strip()
    if len(text) > MOST_LETTERS:
        longest = _("%(name)s: at most %(n)d characters.")
        raise ValidationError(longest % {"name": name, "n": MOST_LETTERS})
    if unknown := sorted(set(_TOLD.findall(text)) - set(_TOLD.findall(ours))):
        never = _("%(name)s: %(what)s is not known there.")
        raise ValidationError(never % {"name": name, "what": ", ".join(unknown)})
    return "" if text == ours else text


def _notice() -> str:
    """Who reads it, why, and for how long: the retention rule's own figure."""
    months = round(privacy.days("words") / 30.4)
    kept = ngettext("%(n)d month", "%(n)d months", months) % {"n": months}
    return _(
        "%(brand)s’s advisers read your messages to help you, a colleague may assist. They are "
        "kept for %(time)s. Please send no bank details."
    ) % {"brand": settings.BRAND, "time": kept}


def place(line: routing.Line, interaction_id: int, language: str) -> dict[str, Any]:
    """What somebody who waits may be told of it: figures, and the sentence of their language."""
    number, wait = line.places[interaction_id], line.wait(interaction_id)
    with translation.override(language):
        if not line.pace.people:
            said = _("No adviser is online at the moment. What you wrote is kept.")
        elif wait is None:
            said = _("We cannot say yet how long it takes.")
        else:
            said = _("An adviser answers in about %(range)s.") % {"range": wait.in_words()}
        return {
            "place": number,
            "people": bool(line.pace.people),
            "low": wait.low if wait else None,
            "high": wait.high if wait else None,
            "text": " ".join([_("Your place in line: %(place)d.") % {"place": number}, said]),
        }
