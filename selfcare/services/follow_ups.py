"""The closed loop: a low score opens a follow-up for the lead of whoever is credited."""

from datetime import datetime, timedelta

from django.db import transaction

from crm import clock
from crm.models import User
from selfcare.models import Answer, FollowUp, SurveyInvitation


class Taken(Exception):
    """A colleague has it, or it is done."""


class NothingSaid(Exception):
    """It is done with a note: what came of it."""


def open_if_low(invitation: SurveyInvitation, answer: Answer, at: datetime) -> FollowUp | None:
    """Within the answer's transaction; a second low answer of the same person opens nothing."""
    survey = invitation.version.survey if invitation.version else None
    if survey is None or answer.score is None or answer.score > survey.follow_up_at:
        return None
    made, _new = FollowUp.objects.get_or_create(
        answer=answer,
        defaults={
            "due_at": _due(invitation, at, timedelta(hours=survey.follow_up_hours)),
            "created_at": at,
        },
    )
    return made


def _due(invitation: SurveyInvitation, at: datetime, within: timedelta) -> datetime:
    queue = invitation.interaction.queue
    opens = queue.schedule.calendar if queue else None
    due = opens.add_open_time(at, within.total_seconds()) if opens else None
    return due or at + within


@transaction.atomic
def take(pk: int, by: User) -> FollowUp:
    """Raises Taken."""
    found = FollowUp.objects.select_for_update().get(pk=pk)
    if found.done_at or found.taken_by not in (None, by):
        raise Taken(pk)
    found.taken_by = by
    found.save(update_fields=["taken_by"])
    return found


@transaction.atomic
def finish(pk: int, by: User, note: str, at: datetime | None = None) -> FollowUp:
    """Raises NothingSaid, Taken."""
    said = note.replace("\x00", "").strip()[:4000]
    if not said:
        raise NothingSaid(pk)
    found = take(pk, by)
    found.note, found.done_by, found.done_at = said, by, at or clock.now()
    found.save(update_fields=["note", "done_by", "done_at"])
    return found
