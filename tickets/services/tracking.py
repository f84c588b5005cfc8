"""What became of a mail of ours, as delivery reports and providers tell it."""

from collections.abc import Sequence
from typing import Any

from tickets.models import Mail
from tickets.services.knowledge import Letter


def came_back(letters: Sequence[Letter]) -> None:
    """Mark the mails that these reports are about; one that is only delayed stays sent."""
    for letter in letters:
        if letter.sent is not None and not letter.parsed.delayed:
            error = ", ".join(letter.parsed.failed)[:500] or letter.parsed.subject
            Mail.objects.filter(pk=letter.sent.pk).update(state=Mail.State.BOUNCED, error=error)


def report(letter: Letter) -> dict[str, Any]:
    """The body of the event line that the agents read."""
    to = letter.sent.to[:1] if letter.sent else []
    return {
        "event": "mail_delayed" if letter.parsed.delayed else "mail_bounced",
        "address": ", ".join(letter.parsed.failed[:3] or to),
        "mail": letter.sent.pk if letter.sent else letter.mail.pk,
    }
