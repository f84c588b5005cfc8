"""Self-care's background work: each task may run twice, and a lost one is found by a sweep."""

from celery import shared_task

from selfcare.services import link_check, surveys


@shared_task
def invite(interaction_id: int) -> str:
    """Ask about a closed exchange, or write down why not."""
    invitation = surveys.invite(interaction_id)
    return invitation.verdict if invitation else ""


@shared_task
def check_links() -> int:
    """Other people's servers take their time: not in the sweep itself."""
    return link_check.check_due()


def look_at_links() -> int:
    """The sweep: begins a round when some link is due."""
    if not link_check.due().exists():
        return 0
    check_links.delay()
    return 1
