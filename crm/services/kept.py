"""What somebody wrote in vain is kept: an address that opens another form with their own words in
it, and makes of it the continuation of what they began."""

from django.core import signing
from django.db import transaction

from crm.models import Interaction, Message, Status
from crm.services import interactions

_SALT = "crm.kept"
_SECONDS = 3 * 24 * 3600  # real time: it opens words of a customer
_LONGEST = 1000


def token(interaction: Interaction) -> str:
    """Opens the customer's own words of this one, and nothing else."""
    return signing.dumps(interaction.pk, salt=_SALT)


def read(text: object) -> Interaction | None:
    """The exchange of a token while nobody has taken it up; None for anything else."""
    if not isinstance(text, str) or not text or len(text) > 200:
        return None
    try:
        key = signing.loads(text, salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature:
        return None
    left = Interaction.objects.filter(status__in=[Status.WAITING, Status.PENDING], agent=None)
    return left.filter(pk=key).first()


def words(interaction: Interaction, longest: int = _LONGEST) -> str:
    """What the customer wrote; the last so many characters when it is long."""
    said = Message.objects.filter(
        interaction=interaction,
        author=Message.Author.CUSTOMER,
        kind=Message.Kind.TEXT,
        deleted_at=None,
    ).order_by("pk")
    return "\n".join(said.values_list("text", flat=True))[-longest:].strip()


@transaction.atomic
def continued(old: Interaction | None, new: Interaction) -> None:
    """The new one goes on with the old one, which is over: told in it, by the new number."""
    if old is None or old.pk == new.pk:
        return
    row = Interaction.objects.select_for_update(of=("self",)).get(pk=old.pk)
    if row.status == Status.CLOSED or row.agent_id is not None:
        return  # taken up in this very moment: both stay
    new.continues = row
    new.save(update_fields=["continues"])
    interactions.tell(
        row, "goes_on", to_customer=True, channel=new.channel, reference=new.reference, to=new.pk
    )
    interactions.close(row, outcome=Interaction.Outcome.HANDED_ON)
