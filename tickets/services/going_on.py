"""What began elsewhere goes on by mail."""

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from crm.models import Identity, Interaction, Subject
from crm.registry import CannotGoOn
from crm.services import customers
from tickets.services import opening


def addresses(row: Interaction) -> list[str]:
    """The one that mails of this customer go to."""
    known = customers.mail_address(row.customer)
    return [known] if known else []


def open(
    row: Interaction, subject: Subject | None, address: str, moment: datetime | None, said: str
) -> tuple[Interaction, str]:
    """Without an address on the record, the one the customer has just given is written there."""
    if not addresses(row):
        try:
            customers.add_identity(row.customer, Identity.Kind.MAIL, address, source="agent")
        except customers.BadIdentity:
            raise CannotGoOn(_("This email address does not look right.")) from None
        except customers.IdentityTaken:
            raise CannotGoOn(
                _("This address is on another customer's record: merge the two first.")
            ) from None
    new = opening.open(
        customer=row.customer,
        title=row.title or (subject.name_in(row.language) if subject else ""),
        text=said,
        language=row.language,
        subject=subject,
        visit=row.visit,
        device=row.device,
        continues=row,
    )
    with translation.override(row.language):
        words = _("We go on by email, under no. %(reference)s.") % {"reference": new.reference}
    return new, words
