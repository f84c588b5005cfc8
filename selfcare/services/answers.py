"""What customers answer, and that everybody sees it: the exchange's score, the card's thank you."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from crm import clock
from crm.models import Interaction
from crm.services import interactions, posting
from selfcare.models import Answer, AnswerChange, SurveyInvitation
from selfcare.services import survey_texts

State = SurveyInvitation.State
_ANSWERS = ("score", "effort", "recommendation", "solved", "comment")


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
    invitation_id: int,
    *,
    score: int,
    via: str,
    effort: int | None = None,
    recommendation: int | None = None,
    solved: bool | None = None,
    comment: str = "",
    language: str = "fr",
    at: datetime | None = None,
) -> Answer:
    """Store the answer; what is not given stays as it is. A double click counts once; within the
    survey's hours a change replaces it, and what it said before is kept.

    Raises NotAsked, TooLate."""
    at = at or clock.now()
    given = {
        "score": score,
        "effort": effort,
        "recommendation": recommendation,
        "solved": solved,
        "comment": comment.replace("\x00", "").strip()[:4000] or None,
    }
    given = {name: value for name, value in given.items() if value is not None}
    invitation = _claimed(invitation_id)
    if invitation.state == State.ANSWERED:
        found = _change(invitation, given, at)
    else:
        found = Answer.objects.create(
            invitation=invitation, language=language[:2], via=via, answered_at=at, **given
        )
        invitation.state, invitation.answered_at = State.ANSWERED, at
        invitation.save(update_fields=["state", "answered_at"])
    _show(invitation, found, at)
    return found


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
    changed = {name for name, value in given.items() if getattr(found, name) != value}
    if not changed:
        return found
    hours = invitation.version.survey.change_hours
    if at > found.answered_at + timedelta(hours=hours):
        raise TooLate(invitation.pk)
    before = {name: getattr(found, name) for name in _ANSWERS}
    if any(before[name] not in (None, "") for name in changed):
        AnswerChange.objects.create(answer=found, before=before, at=at)
    for name in changed:
        setattr(found, name, given[name])
    found.changed_at = at
    found.save()
    return found


def _show(invitation: SurveyInvitation, found: Answer, at: datetime) -> None:
    """The score on the exchange; the card says thank you wherever it is open."""
    interaction = invitation.interaction
    if interaction.score != found.score:
        interactions.rate(interaction, found.score, at=at)
    card = interaction.messages.filter(client_id=survey_texts.card_key(invitation)).first()
    if card and card.body.get("answered") != found.score:
        posting.redraw(card, {"answered": found.score}, at=at)
