"""Who is asked after which exchange, or why not; and what they answer.

`invite` may run any number of times for one interaction: the verdict is one row by constraint,
and the card or mail is written in the same transaction as the row's move to *sent*."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Min, Q

from crm import clock, registry
from crm.models import Interaction, Message, Status
from crm.services import posting
from selfcare.models import Survey, SurveyInvitation, SurveyVersion
from selfcare.services import links, questions, survey_texts, verdicts

Verdict = SurveyInvitation.Verdict
State = SurveyInvitation.State
Delivery = SurveyInvitation.Delivery

# an exchange closed longer ago is not worth a question any more, and the sweep stays small
_MEMORY = timedelta(days=7)


def ensure() -> Survey:
    """The shipped survey, made once."""
    survey, made = Survey.objects.get_or_create(name=survey_texts.NAME)
    if made:
        SurveyVersion.objects.create(survey=survey, questions=survey_texts.QUESTIONS)
    return survey


# --- inviting ---------------------------------------------------------------------------------


@transaction.atomic
def invite(interaction_id: int, *, at: datetime | None = None) -> SurveyInvitation | None:
    """Decide on a closed interaction, and ask at once unless the survey wants a delay.

    None when it is open (again): a question that has not gone yet is then withheld."""
    at = at or clock.now()
    interaction = (
        Interaction.objects.select_for_update(of=("self",))
        .select_related("customer", "closed_by")
        .get(pk=interaction_id)
    )
    invitation = SurveyInvitation.objects.filter(interaction=interaction).first()
    if interaction.status != Status.CLOSED or interaction.closed_at is None:
        if invitation and invitation.state == State.DUE:
            _withhold(invitation)
        return None
    if invitation and (
        invitation.state in (State.SENT, State.ANSWERED)
        or invitation.closed_at == interaction.closed_at
    ):
        return invitation
    return _decide(interaction, invitation or SurveyInvitation(interaction=interaction), at)


@transaction.atomic
def withhold(interaction_id: int) -> None:
    """The exchange goes on: a question that has not gone yet does not go."""
    for invitation in SurveyInvitation.objects.select_for_update(of=("self",)).filter(
        interaction=interaction_id, state=State.DUE
    ):
        _withhold(invitation)


def _withhold(invitation: SurveyInvitation, verdict: str = Verdict.REOPENED) -> None:
    invitation.verdict, invitation.state = verdict, State.WITHHELD
    invitation.due_at = None
    invitation.save(update_fields=["verdict", "state", "due_at"])


def _decide(
    interaction: Interaction, invitation: SurveyInvitation, at: datetime
) -> SurveyInvitation:
    survey = verdicts.survey_for(interaction)
    version = survey.versions.select_related("survey").first() if survey else None
    # two exchanges of one customer closing together: the second decision sees the first
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext(%s))", [f"survey:{interaction.customer_id}"]
        )
    invitation.customer = interaction.customer
    invitation.agent = interaction.closed_by
    invitation.closed_at = interaction.closed_at or at
    invitation.version = version
    invitation.verdict = verdicts.verdict(interaction, survey if version else None, at)
    invitation.state = State.WITHHELD
    invitation.created_at = at
    if version and invitation.verdict == Verdict.SENT:
        _plan(invitation, interaction, version, at)
    invitation.save()
    if invitation.state == State.DUE and invitation.due_at and invitation.due_at <= at:
        _send(invitation, interaction, at)
    return invitation


def _plan(
    invitation: SurveyInvitation, interaction: Interaction, version: SurveyVersion, at: datetime
) -> None:
    invitation.left_out = verdicts.left_out(interaction, version, at)
    if not questions.on_page(invitation.questions(), 0, {}):
        invitation.verdict = Verdict.REST_PERIOD
        return
    card = interaction.channel == "chat"
    invitation.delivery = Delivery.CARD if card else Delivery.MAIL
    invitation.due_at = invitation.closed_at + version.survey.delay(interaction.channel)
    invitation.state = State.DUE


# --- sending -------------------------------------------------------------------------------------


def _send(invitation: SurveyInvitation, interaction: Interaction, at: datetime) -> None:
    """Write the card or the mail, in the transaction that marks it sent. Callers hold the lock."""
    assert invitation.version  # noqa: S101 (nothing is due without its questions)
    invitation.state, invitation.sent_at = State.SENT, at
    survey = invitation.version.survey
    invitation.expires_at = clock.wall() + timedelta(days=survey.expires_days)
    if survey.reminder_days and invitation.delivery == Delivery.MAIL:
        invitation.remind_at = at + timedelta(days=survey.reminder_days)
    invitation.save(update_fields=["state", "sent_at", "expires_at", "remind_at"])
    if invitation.delivery == Delivery.CARD:
        token = links.token(links.SURVEY, invitation.pk)
        posting.post(
            interaction,
            author=Message.Author.SYSTEM,
            kind=Message.Kind.CARD,
            body=survey_texts.card(invitation, interaction, token),
            client_id=survey_texts.card_key(invitation),
            at=at,
        )
        return
    _mail(invitation, interaction, f"survey:{invitation.pk}")


def _mail(invitation: SurveyInvitation, interaction: Interaction, key: str) -> None:
    address = verdicts.address(interaction)
    if address:
        token = links.token(links.SURVEY, invitation.pk)
        registry.notify(
            address,
            "selfcare/mail/survey",
            survey_texts.mail(invitation, interaction, token),
            interaction.language,
            key,
            interaction,
            unsubscribe_url=links.address("survey_stop", interaction.language, token),
        )


def send_due(at: datetime | None = None) -> int:
    """Ask those whose delay is over. A sweep; any number of processes may run it."""
    at = at or clock.now()
    due = SurveyInvitation.objects.filter(state=State.DUE, due_at__lte=at).order_by("due_at")
    keys = list(due.values_list("pk", "interaction_id")[:500])
    return sum(_send_one(key, interaction_id, at) for key, interaction_id in keys)


@transaction.atomic
def _send_one(key: int, interaction_id: int, at: datetime) -> int:
    interaction = Interaction.objects.select_for_update(of=("self",)).get(pk=interaction_id)
    invitation = SurveyInvitation.objects.filter(pk=key, state=State.DUE).first()
    if invitation is None:
        return 0
    if interaction.status != Status.CLOSED or interaction.closed_at != invitation.closed_at:
        _withhold(invitation)
        return 0
    if interaction.outcome == Interaction.Outcome.MERGED:  # merged since it was closed
        _withhold(invitation, Verdict.MERGED)
        return 0
    _send(invitation, interaction, at)
    return 1


def remind_due(at: datetime | None = None) -> int:
    """Remind once, by mail, those who have not answered. A sweep, as the one above."""
    at = at or clock.now()
    due = SurveyInvitation.objects.filter(remind_at__lte=at).order_by("remind_at")
    keys = list(due.values_list("pk", "interaction_id")[:500])
    return sum(_remind_one(key, interaction_id, at) for key, interaction_id in keys)


@transaction.atomic
def _remind_one(key: int, interaction_id: int, at: datetime) -> int:
    """Not who answered or objected, nor about an exchange that goes on: settled for good."""
    interaction = Interaction.objects.select_for_update(of=("self",)).get(pk=interaction_id)
    invitation = (
        SurveyInvitation.objects.select_related("version__survey")
        .filter(pk=key, remind_at__lte=at)
        .first()
    )
    if invitation is None or invitation.version is None:
        return 0
    goes = (
        invitation.state == State.SENT
        and interaction.status == Status.CLOSED
        and interaction.closed_at == invitation.closed_at
        and interaction.outcome != Interaction.Outcome.MERGED
        and invitation.expires_at is not None
        and clock.wall() < invitation.expires_at
        and not verdicts.objected(interaction, invitation.version.survey, at)
    )
    invitation.remind_at, invitation.reminded_at = None, at if goes else None
    invitation.save(update_fields=["remind_at", "reminded_at"])
    if goes:
        _mail(invitation, interaction, f"survey-reminder:{invitation.pk}")
    return int(goes)


def decide_missed(at: datetime | None = None) -> int:
    """Closed exchanges without a verdict, because a nudge was lost: decide now. A sweep.

    Nothing closed before the first survey existed is asked about."""
    at = at or clock.now()
    since = Survey.objects.aggregate(first=Min("created_at"))["first"]
    if since is None:
        return 0
    undecided = Q(survey_invitation=None) | (
        Q(survey_invitation__state__in=[State.WITHHELD, State.DUE])
        & ~Q(survey_invitation__closed_at=F("closed_at"))  # closed again since
    )
    missed = (
        Interaction.objects.filter(
            undecided, status=Status.CLOSED, closed_at__gte=max(since, at - _MEMORY)
        )
        .order_by("closed_at")
        .values_list("pk", flat=True)[:500]
    )
    return sum(invite(key, at=at) is not None for key in list(missed))
