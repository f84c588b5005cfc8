"""What forbids an invitation whatever the rule: politeness and hours."""

from datetime import datetime, timedelta

from chat.models import Invitation, InvitationRule, Site
from chat.services import sites
from crm.models import Interaction, Visit

from .page import Page

State, Reason = Invitation.State, Invitation.Reason

ARRIVAL_SECONDS = 5
BEFORE_CLOSING = timedelta(minutes=15)


def of_the_page(site: Site, page: Page) -> str:
    """Forbidden here and now, whoever it is."""
    if sites.on_page(site.excluded_pages, page.url):
        return Reason.EXCLUDED
    if page.seconds < ARRIVAL_SECONDS:
        return Reason.TOO_SOON
    return Reason.TYPING if page.typing else Reason.NONE


def of_the_visit(visit: Visit, page: Page) -> str:
    """Invited, refused or in a chat already."""
    if Interaction.objects.open().filter(visit=visit, channel="chat").exists():
        return Reason.IN_CHAT
    before = set(visit.invitations.exclude(state=State.WITHHELD).values_list("state", flat=True))
    if page.refused_before or State.REFUSED in before:
        return Reason.REFUSED
    return Reason.ONCE if before else Reason.NONE


def cooled_down(rule: InvitationRule, page: Page, *, memory: bool) -> str:
    """Not again within the rule's days; without consent nobody can know."""
    if not rule.cooldown_days:
        return Reason.NONE
    if not memory:
        return Reason.CONSENT
    recent = page.invited_days is not None and page.invited_days < rule.cooldown_days
    return Reason.COOLDOWN if recent else Reason.NONE


def hours(rule: InvitationRule, at: datetime) -> str:
    hours = rule.subject.hours()
    if hours is None or not hours.is_open(at) or rule.subject.queue_at(at) is None:
        return Reason.CLOSED
    closes = hours.closes_at(at)
    return Reason.CLOSING if closes and closes - at <= BEFORE_CLOSING else Reason.NONE
