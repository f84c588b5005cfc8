"""Who speaks here: the desk sends a one-time code, and says whether it came back right."""

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from crm.models import Agent, Interaction
from crm.services import posting, verification

from .checks import mine, number
from .refusal import Refusal


def proof(interaction: Interaction) -> dict[str, object] | None:
    """How and when we knew who speaks in this exchange; None: not verified."""
    if interaction.verified_at is None:
        return None
    labels = {
        verification.CODE: _("code sent by email"),
        verification.PORTAL: _("signed in"),
        verification.SITE: _("signed by the site"),
    }
    how = labels.get(interaction.verified_by, interaction.verified_by)
    return {"how": how, "at": posting.iso(interaction.verified_at)}


def in_words(interaction: Interaction) -> str:
    known = proof(interaction)
    if known is None:
        return _("not verified in this exchange")
    when = date_format(localtime(interaction.verified_at), "SHORT_DATETIME_FORMAT")
    return _("verified: {how}, {when}").format(how=known["how"], when=when)


def addresses(interaction: Interaction) -> list[dict[str, object]]:
    """Where a code may go."""
    return [
        {"id": one.pk, "value": one.value, "proven": one.verified_at is not None}
        for one in verification.addresses(interaction)
    ]


def send_code(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    mine(row, agent)
    identity = number(request, "identity") or 0
    try:
        verification.send_code(row, identity, by=agent.user)
    except verification.NotEligible:
        raise Refusal(
            "not_eligible", _("A code goes only to an address that was on the record before.")
        ) from None
    except verification.TooOften:
        raise Refusal("too_often", _("Three codes an hour are enough. Try again later.")) from None
    except verification.NotOpen:
        raise Refusal("closed", _("It is closed.")) from None


def confirm(request: HttpRequest, row: Interaction, agent: Agent) -> Refusal | None:
    """A wrong entry is returned, not raised: it counts, so its transaction must commit."""
    mine(row, agent)
    try:
        right = verification.confirm(row, request.POST.get("code", "")[:20])
    except verification.NotOpen:
        raise Refusal("closed", _("It is closed.")) from None
    return None if right else Refusal("wrong_code", _("This is not the code, or it has expired."))
