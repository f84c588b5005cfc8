"""Who speaks in this exchange? Not verified, or verified: how and when. It ends with the exchange.

A one-time code goes to an address that was on the record before the exchange began: one just
given proves nothing. Doors that know by themselves (a signed-in customer) vouch.
"""

import hmac
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from crm import clock, registry
from crm.models import HardMoment, Identity, Interaction, Merge, Status, User, Verification
from crm.models.hard_moment import Hard
from crm.services import interactions

VALID = timedelta(minutes=15)
TRIES = 5  # wrong entries; then another code is needed
SETTLED = timedelta(hours=1)  # on the record for so long before the exchange began
_SENT_PER_HOUR = 3  # per exchange, and per address
CODE, PORTAL, SITE = "code", "portal", "site"  # Interaction.verified_by


class NotEligible(Exception):
    """This address was just given, or is not this customer's."""


class TooOften(Exception):
    """So many codes in an hour are somebody else's game."""


class NotOpen(Exception):
    """The exchange is closed: who spoke there no longer matters."""


class NotVerified(Exception):
    """Something personal was to be said to somebody who is not verified."""


def addresses(interaction: Interaction) -> list[Identity]:
    """Where a code may go, proven addresses first: on the record well before the exchange began,
    and not brought there by a merge since. None while a fraud is suspected."""
    if _suspected(interaction):
        return []
    limit = interaction.opened_at - SETTLED
    merges = Merge.objects.filter(kept=interaction.customer_id, at__gt=limit, undone_at=None)
    brought = {key for one in merges for key in one.moved.get("identities", [])}
    mails = Identity.objects.filter(
        customer=interaction.customer_id, kind=Identity.Kind.MAIL, created_at__lte=limit
    ).order_by("pk")
    known = [one for one in mails if one.pk not in brought]
    return sorted(known, key=lambda one: one.verified_at is None)


@transaction.atomic
def send_code(interaction: Interaction, identity_id: int, *, by: User | None) -> Verification:
    """Send a new code; the one before is void. Raises NotEligible, TooOften, NotOpen."""
    row = _open(interaction)
    identity = next((one for one in addresses(row) if one.pk == identity_id), None)
    if identity is None:
        raise NotEligible
    sent = Verification.objects.filter(created_at__gt=clock.now() - timedelta(hours=1))
    for same in (sent.filter(interaction=row), sent.filter(identity=identity)):
        if same.count() >= _SENT_PER_HOUR:
            raise TooOften
    row.verifications.filter(spent_at=None).update(spent_at=clock.wall())
    code = f"{secrets.randbelow(10**6):06d}"
    made = Verification.objects.create(
        interaction=row,
        identity=identity,
        code_hash=_hashed(row, code),
        asked_by=by,
        created_at=clock.now(),
        expires_at=clock.wall() + VALID,
    )
    context = {
        "name": row.customer.addressed(row.language),
        "reference": row.reference,
        "code": code,
        "minutes": int(VALID.total_seconds() // 60),
    }
    registry.notify(
        identity.value, "crm/mail/verification", context, row.language, f"verification:{made.pk}"
    )
    interactions.tell(row, "code_sent", address=masked(identity.value))
    return made


@transaction.atomic
def confirm(interaction: Interaction, code: str) -> bool:
    """Is it the code? A wrong one counts, and the last wrong one spends it. Raises NotOpen."""
    row = _open(interaction)
    live = row.verifications.select_for_update(of=("self",)).filter(spent_at=None).first()
    if live is None or _suspected(row) or live.expires_at <= clock.wall():
        return False
    typed = "".join(code.split())
    if not hmac.compare_digest(live.code_hash, _hashed(row, typed)):
        live.tries += 1
        live.spent_at = clock.wall() if live.tries >= TRIES else None
        live.save(update_fields=["tries", "spent_at"])
        return False
    live.spent_at = clock.wall()
    live.confirmed_at = clock.now()
    live.save(update_fields=["spent_at", "confirmed_at"])
    _verified(row, CODE)
    return True


@transaction.atomic
def vouch(interaction: Interaction, how: str) -> None:
    """The door itself knows who it is: signed in, or named by a site's signature."""
    row = interactions.locked(interaction)
    if row.status != Status.CLOSED and row.verified_at is None and not _suspected(row):
        _verified(row, how)
        interaction.verified_at, interaction.verified_by = row.verified_at, row.verified_by


def must_hold(interaction: Interaction) -> None:
    """Before a reply that only the person themself may read. Raises NotVerified."""
    row = interactions.locked(interaction)
    if row.verified_at is None or _suspected(row):
        raise NotVerified


def masked(address: str) -> str:
    """Enough to recognise one's own: "a…@lenoir.example"."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def _suspected(interaction: Interaction) -> bool:
    """A fraud on this record: nobody is who they say, in any exchange, until a lead lifts it."""
    frauds = HardMoment.objects.filter(kind=Hard.FRAUD, lifted_at=None)
    return frauds.filter(interaction__customer=interaction.customer_id).exists()


def _open(interaction: Interaction) -> Interaction:
    row = interactions.locked(interaction)
    if row.status == Status.CLOSED:
        raise NotOpen
    return row


def _verified(row: Interaction, how: str) -> None:
    row.verified_at, row.verified_by = clock.now(), how
    row.save(update_fields=["verified_at", "verified_by"])
    interactions.tell(row, "verified", how=how)
    interactions.nudge(row)


def _hashed(row: Interaction, code: str) -> str:
    return salted_hmac("crm.verification", f"{row.pk}:{code}", algorithm="sha256").hexdigest()
