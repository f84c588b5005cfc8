"""What customers answer, and that everybody sees it: the exchange's score, the card's thank you."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm import clock
from crm.models import Interaction
from crm.services import interactions, posting
from selfcare.models import Answer, AnswerChange, SurveyInvitation
from selfcare.services import follow_ups, questions, survey_texts

State = SurveyInvitation.State
# the keys whose answers have a column; those of other questions go into `more`
_COLUMNS = ("score", "effort", "recommendation", "solved", "comment")


class NotAsked(Exception):
    """There is no question to answer: never sent, or the link's time is over."""


class TooLate(Exception):
    """The answer stands: it may be changed for some hours only."""


def is_open(invitation: SurveyInvitation) -> bool:
    """May the link still be used?"""
    return (
        invitation.state in (State.SENT, State.ANSWERED)
        and invitation.expires_at is not None
        and clock.wall() < invitation.expires_at
    )


@transaction.atomic
def answer(
    invitation_id: int, *, via: str, language: str = "fr", at: datetime | None = None, **values: Any
) -> Answer:
    """Store the answer, by key of question; what is not given stays as it is, and what was not
    asked of this person is not stored. A double click counts once; within the survey's hours a
    change replaces it, and what it said before is kept.

    Raises NotAsked, TooLate."""
    at = at or clock.now()
    invitation = _claimed(invitation_id)
    given, _faults = questions.read_all(invitation.questions(), values)
    if invitation.state == State.ANSWERED:
        found = _change(invitation, given, at)
    else:
        found = Answer(invitation=invitation, language=language[:2], via=via, answered_at=at)
        _write(found, given)
        found.save()
        invitation.state, invitation.answered_at = State.ANSWERED, at
        invitation.save(update_fields=["state", "answered_at"])
    _show(invitation, found, at)
    return found


def values(found: Answer) -> dict[str, Any]:
    """What was answered, by key of question."""
    of_columns = {name: getattr(found, name) for name in _COLUMNS}
    return {k: v for k, v in (of_columns | found.more).items() if v not in (None, "")}


def _write(found: Answer, given: Mapping[str, Any]) -> None:
    for key, value in given.items():
        if key in _COLUMNS:
            setattr(found, key, value)
        else:
            found.more[key] = value


def _claimed(invitation_id: int) -> SurveyInvitation:
    """The invitation, with its interaction locked as in `invite`. Raises NotAsked."""
    invitation = SurveyInvitation.objects.filter(pk=invitation_id).first()
    if invitation is None:
        raise NotAsked(invitation_id)
    interaction = Interaction.objects.select_for_update(of=("self",)).get(
        pk=invitation.interaction_id
    )
    invitation = SurveyInvitation.objects.select_related("version__survey").get(pk=invitation_id)
    invitation.interaction = interaction
    if not is_open(invitation):
        raise NotAsked(invitation_id)
    return invitation


def _change(invitation: SurveyInvitation, given: Mapping[str, object], at: datetime) -> Answer:
    assert invitation.version  # noqa: S101 (it was sent)
    found = Answer.objects.get(invitation=invitation)
    before = values(found)
    changed = {key: value for key, value in given.items() if before.get(key) != value}
    if not changed:
        return found
    hours = invitation.version.survey.change_hours
    if at > found.answered_at + timedelta(hours=hours):
        raise TooLate(invitation.pk)
    if before.keys() & changed.keys():
        AnswerChange.objects.create(answer=found, before=before, at=at)
    _write(found, changed)
    found.changed_at = at
    found.save()
    return found


def _show(invitation: SurveyInvitation, found: Answer, at: datetime) -> None:
    """The score on the exchange; the card says thank you wherever it is open."""
    interaction = invitation.interaction
    if found.score is None:
        return
    follow_ups.open_if_low(invitation, found, at)
    if interaction.score != found.score:
        interactions.rate(interaction, found.score, at=at)
    card = interaction.messages.filter(client_id=survey_texts.card_key(invitation)).first()
    if card and card.body.get("answered") != found.score:
        posting.redraw(card, {"answered": found.score}, at=at)
