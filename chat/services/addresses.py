"""Where the customer of a chat may be written to."""

from crm.models import Interaction, Participant
from crm.services import customers


def give(interaction: Interaction, mail: str) -> None:
    """The address that they gave in this exchange; mails from there are theirs."""
    others = interaction.participants.filter(address=mail)
    if not others.exists():  # a colleague's or a stranger's stays theirs
        interaction.participants.filter(role=Participant.Role.CUSTOMER).update(address=mail)


def of(interaction: Interaction) -> str:
    """The one they gave, else the record's if it is proven that they are who the record is; empty
    when there is none."""
    given = interaction.participants.filter(role=Participant.Role.CUSTOMER).exclude(address="")
    found = given.values_list("address", flat=True).first()
    if found or interaction.verified_at is None:
        return found or ""
    return customers.mail_address(interaction.customer) or ""
