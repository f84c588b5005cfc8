"""Spam by hand: what a person decides goes before every filter, for the next mails too."""

from django.db import transaction

from crm import clock
from crm.models import Interaction, Status, User
from crm.services import interactions
from tickets.mail import filters
from tickets.models import Mail, SenderRule
from tickets.services import receiving
from tickets.services.filing import BY_HAND

Action = SenderRule.Action


@transaction.atomic
def mark(mail: Mail, *, by: User) -> bool:
    """Close its request as spam and keep its sender out. False when it is no mail of a sender."""
    if mail.direction != Mail.Direction.IN or not mail.from_email:
        return False
    _rule(mail.from_email, Action.BLOCK, by)
    interaction = mail.interaction
    if interaction is not None and interaction.status != Status.CLOSED:
        agent = getattr(by, "agent", None)
        interactions.close(interaction, by=agent, outcome=Interaction.Outcome.SPAM)
    return True


def let_in(mail: Mail, *, by: User) -> bool:
    """File what was set aside, as if a person had written it. False when it is not set aside."""
    with transaction.atomic():
        moved = Mail.objects.filter(pk=mail.pk, state=Mail.State.SET_ASIDE).update(
            state=Mail.State.RECEIVED,
            content_key=None,
            attempts=0,
            why=BY_HAND,
            stored_at=clock.wall(),
        )
        if moved and mail.verdict == filters.SPAM:
            _rule(mail.from_email, Action.ALLOW, by)
    if moved:
        receiving.file(mail.pk)
    return bool(moved)


def _rule(address: str, action: str, by: User) -> None:
    SenderRule.objects.update_or_create(
        pattern=address[:254].lower(), defaults={"action": action, "note": str(by)[:200]}
    )
