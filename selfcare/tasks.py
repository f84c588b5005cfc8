"""Self-care's background work: each task may run twice, and a lost one is found by a sweep."""

from celery import shared_task

from selfcare.services import surveys


@shared_task
def invite(interaction_id: int) -> str:
    """Ask about a closed exchange, or write down why not."""
    invitation = surveys.invite(interaction_id)
    return invitation.verdict if invitation else ""
