"""What closing a complaint asks for: a written answer, and in a refusal the way on."""

from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Complaint, Interaction, Message, Recourse
from crm.services import posting

Outcome = Interaction.Outcome
# closed without an answer: never meant for us, withdrawn by the customer, or going on elsewhere
_WITHOUT = {Outcome.SPAM, Outcome.CANCELLED, Outcome.HANDED_ON, Outcome.MERGED}


class CannotClose(Exception):
    """Not by its rules; `words` say why to whoever tried."""

    code: str
    words: Promise


class NotAnswered(CannotClose):
    """A complaint is not closed without a written answer to the customer."""

    code = "not_answered"
    words = gettext_lazy("Write to the customer before closing a complaint.")


class NoRecourse(CannotClose):
    """A refusal cannot name the next level and the mediator: nobody has written them down."""

    code = "no_recourse"
    words = gettext_lazy("A refusal names the mediator: an administrator enters the details first.")


class NoComplaint(CannotClose):
    """Only a complaint is refused or founded."""

    code = "no_complaint"
    words = gettext_lazy("Only a complaint is refused or founded.")


def of(row: Interaction) -> Complaint | None:
    if row.nature != Interaction.Nature.COMPLAINT:
        return None
    return Complaint.objects.select_related("owner").filter(interaction=row.pk).first()


def begin(row: Interaction, at: datetime, since: datetime | None = None) -> Complaint:
    """Make it one, unsaved on the interaction's side. Twice changes nothing."""
    row.nature = Interaction.Nature.COMPLAINT
    complaint, _made = Complaint.objects.get_or_create(
        interaction=row,
        defaults={"opened_at": at, "level_since": since or at, "owner": row.agent},
    )
    return complaint


def is_answered(row: Interaction, complaint: Complaint) -> bool:
    """An agent has written to the customer on this level, and has not taken it back."""
    return Message.objects.filter(
        interaction=row,
        author=Message.Author.AGENT,
        kind=Message.Kind.TEXT,
        customer_seq__isnull=False,
        deleted_at=None,
        created_at__gte=complaint.level_since,
    ).exists()


def before_closing(
    row: Interaction, *, outcome: str, nature: str, founded: bool | None, at: datetime
) -> None:
    """Check, and write the verdict and the way on. A complaint stays one, whatever nature the
    closing names; one that is named so only now is judged by the whole exchange.

    Raises NotAnswered, NoRecourse, NoComplaint."""
    complaint = of(row)
    if complaint is None and Interaction.Nature.COMPLAINT in (nature, row.nature):
        complaint = begin(row, at, since=row.offered_at or row.opened_at)
    if complaint is None:
        if outcome == Outcome.REFUSED or founded is not None:
            raise NoComplaint(row.reference)
        return
    if outcome in _WITHOUT:
        return
    if not is_answered(row, complaint):
        raise NotAnswered(row.reference)
    if outcome == Outcome.REFUSED:
        founded = False
    if founded is False:
        _name_the_way_on(row, complaint, at)
    complaint.founded = founded
    complaint.save(update_fields=["founded"])


def _name_the_way_on(row: Interaction, complaint: Complaint, at: datetime) -> None:
    """Once per level, in the conversation: the customer has it in writing."""
    recourse = Recourse.objects.filter(brand=settings.BRAND).first()
    if recourse is None:
        raise NoRecourse(settings.BRAND)
    language = row.language
    with translation.override(language[:2]):
        parts = []
        if complaint.level == Complaint.Level.FIRST:
            parts += [
                _("If our answer does not suit you, you can go to the next level:"),
                recourse.second_level(language),
                _("After that, you can turn to the mediator, free of charge:"),
                recourse.mediator(language),
            ]
        else:
            parts += [
                _("If our answer does not suit you, you can turn to the mediator, free of charge:"),
                recourse.mediator(language),
            ]
    posting.post(
        row,
        author=Message.Author.SYSTEM,
        text="\n\n".join(part.strip() for part in parts),
        client_id=f"recourse:{row.reopened}:{complaint.level}",
        at=at,
    )
