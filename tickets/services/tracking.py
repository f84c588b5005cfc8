"""What became of a mail of ours: shown on its message, as senders, delivery reports and providers
tell it."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from crm import clock
from crm.models import Interaction
from crm.services import posting
from tickets.models import Mail
from tickets.services import reasons
from tickets.services.knowledge import Letter

State = Mail.State


def told(mail: Mail) -> dict[str, Any]:
    """What a message says of its mail; the desk puts it into words."""
    at = mail.delivered_at or mail.sent_at
    return {
        "state": "nobody" if mail.error == reasons.NO_ADDRESS else str(mail.state),
        "at": posting.iso(at) if at else None,
        "error": mail.error[:300],
        "twice": mail.maybe_twice,
    }


def show(mail: Mail) -> None:
    """On its message, at once on every screen. Runs in the transaction that changed the mail, under
    the lock of its interaction (`locked`)."""
    mail.refresh_from_db()
    if mail.message is not None:
        posting.redraw(mail.message, {"mail": mail.pk, "delivery": told(mail)})


def locked(mail: Mail) -> None:
    """The interaction first, as everybody who posts does; then the mail's row."""
    if mail.interaction_id:
        list(Interaction.objects.select_for_update(of=("self",)).filter(pk=mail.interaction_id))


@transaction.atomic
def report_of(mail: Mail, state: str, error: str = "") -> bool:
    """A provider's or server's word on a mail of ours. A bounce outlives a delivery."""
    locked(mail)
    kept = [state, State.CALLED_BACK, *([State.BOUNCED] if state == State.DELIVERED else [])]
    mine = Mail.objects.filter(pk=mail.pk).exclude(state__in=kept)
    at = clock.now() if state == State.DELIVERED else None
    changed = mine.update(state=state, error=error[:2000], delivered_at=at)
    if changed:
        show(mail)
    return bool(changed)


def came_back(letters: Sequence[Letter]) -> None:
    """Mark the mails that these reports are about; one that is only delayed stays sent."""
    for letter in letters:
        if letter.sent is not None and not letter.parsed.delayed:
            error = ", ".join(letter.parsed.failed)[:500] or letter.parsed.subject
            report_of(letter.sent, State.BOUNCED, error)


def report(letter: Letter) -> dict[str, Any]:
    """The body of the event line that the agents read."""
    to = letter.sent.to[:1] if letter.sent else []
    return {
        "event": "mail_delayed" if letter.parsed.delayed else "mail_bounced",
        "address": ", ".join(letter.parsed.failed[:3] or to),
        "mail": letter.sent.pk if letter.sent else letter.mail.pk,
    }
