"""What the kernel should know of mail, and what mail does by itself."""

import logging
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from crm import registry
from tickets import events, tasks
from tickets.services import (
    by_letter,
    closing_soon,
    going_on,
    opening,
    outbox,
    privacy,
    receiving,
    senders,
    sending,
)

log = logging.getLogger(__name__)


@receiver(events.outbox_filled)
def send_it(seconds: int = 0, **_: Any) -> None:
    """Net: the sweep "mails to send"."""
    _nudge(tasks.send, seconds=seconds)


@receiver(events.mail_stored)
def file_it(mail_id: int, **_: Any) -> None:
    """The listener files at once itself; whoever finds it done does nothing. Net: the sweep
    "mails to file"."""
    _nudge(tasks.file, mail_id)


def _nudge(task: Any, *arguments: int, seconds: int = 0) -> None:
    try:
        task.apply_async(arguments, countdown=seconds or None)
    except Exception as error:  # no broker: the sweep comes
        log.warning("no broker for %s: %s", task.name, type(error).__name__)


registry.register_channel(
    registry.Channel(
        name="mail",
        label=_("Mail"),
        icon="mail",
        deliver=outbox.deliver,
        fragment="tickets/console/_head.html",
        load="background",
        original="admin:tickets_mail_letter",
        letters=by_letter.LETTERS,
        color="#E69F00",
        dash="6 3",
    )
)
registry.register_opener("mail", opening.open)
registry.register_continuation(
    registry.Continuation("mail", _("By email"), going_on.addresses, None, going_on.open)
)
registry.register_notifier(outbox.notify)
registry.register_senders(senders.senders)
registry.register_personal(
    registry.PersonalPart(
        "mails",
        _("Emails"),
        privacy.collect,
        privacy.erase,
        erase_person=privacy.erase_person,
        files=privacy.files,
    )
)
registry.register_retention(
    registry.Retention(
        "raw_mail",
        _("Raw source of emails"),
        _("The bytes as they came; the message in the exchange stays."),
        91,
        privacy.count_raw,
        privacy.purge_raw,
    )
)
registry.register_sweep("mails to file", receiving.sweep)
registry.register_sweep("mails to send", sending.sweep)
registry.register_sweep("requests that close soon", closing_soon.remind)
