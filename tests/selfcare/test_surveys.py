"""Every exchange is followed by a question, or by a stated reason why not."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from crm import clock, events
from crm.models import Consent, Interaction, Message, Status
from crm.services import customers, interactions
from selfcare.models import CallbackAttempt, Survey, SurveyInvitation
from selfcare.services import callbacks, calls, surveys
from tests.selfcare.conftest import ADA_PHONE

pytestmark = pytest.mark.django_db
Outcome = Interaction.Outcome
Verdict = SurveyInvitation.Verdict
State = SurveyInvitation.State


@pytest.fixture
def mail(chat, bea, ada, remote):
    """`mail()`: Ada and Bea wrote to each other, and it is closed."""

    def write(customer=ada, **more):
        said = chat(customer, **more)
        Interaction.objects.filter(pk=said.pk).update(channel="mail")
        said.refresh_from_db()
        return said

    return write


def cards(interaction):
    return interaction.messages.filter(kind=Message.Kind.CARD)


# --- asked -------------------------------------------------------------------------------------


def test_a_chat_is_asked_about_by_a_card_that_reopens_nothing(chat):
    said = chat()
    invitation = surveys.invite(said.pk)
    assert (invitation.verdict, invitation.state) == (Verdict.SENT, State.SENT)
    card = cards(said).get()
    assert card.body["card"] == "survey"
    assert len(card.body["labels"]) == 5
    assert card.body["post"].endswith("/score/")
    assert card.customer_seq is not None
    said.refresh_from_db()
    assert said.status == Status.CLOSED
    assert said.reopened == 0


def test_the_agent_is_credited_as_of_closing(chat, bea, carl):
    said = chat()
    invitation = surveys.invite(said.pk)
    assert invitation.agent == bea
    interactions.reopen(said)
    interactions.assign(said, carl)
    interactions.close(said, by=carl, outcome=Outcome.SOLVED)
    assert surveys.invite(said.pk).agent == bea  # it was about the first closing


def test_a_mail_is_asked_about_by_mail_when_its_delay_is_over(mail, outbox):
    said = mail()
    invitation = surveys.invite(said.pk)
    assert (invitation.state, outbox) == (State.DUE, {})
    assert surveys.send_due(invitation.due_at - timedelta(seconds=1)) == 0
    assert surveys.send_due(invitation.due_at) == 1
    assert surveys.send_due(invitation.due_at) == 0
    ((address, template, context, language, interaction),) = outbox.values()
    assert (address, template, language) == ("ada@lenoir.example", "selfcare/mail/survey", "fr")
    assert interaction == said
    assert [choice["score"] for choice in context["choices"]] == list("12345")


def test_a_reached_callback_is_asked_about(ada, remote, bea, staffed, survey, monday, outbox):
    made = callbacks.request(ada, phone=ADA_PHONE, subject=remote)
    interactions.assign(made.interaction, bea)
    calls.calling(made.pk, bea)
    calls.hung_up(made.pk, bea, CallbackAttempt.Outcome.REACHED)
    interactions.close(made.interaction, by=bea, outcome=Outcome.SOLVED)
    assert surveys.invite(made.pk).verdict == Verdict.SENT


# --- or why not ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (Outcome.SPAM, Verdict.SPAM),
        (Outcome.HANDED_ON, Verdict.HANDED_ON),
        (Outcome.ABANDONED, Verdict.ABANDONED),
        (Outcome.CANCELLED, Verdict.CANCELLED),
        (Outcome.EXPIRED, Verdict.NOT_REACHED),
        (Outcome.SILENT, Verdict.TRIVIAL),
    ],
)
def test_how_it_ended_can_be_the_reason(chat, outcome, verdict):
    said = chat(outcome=outcome)
    assert surveys.invite(said.pk).verdict == verdict
    assert not cards(said).exists()


def test_an_exchange_without_words_is_trivial(chat):
    assert surveys.invite(chat(lines=False).pk).verdict == Verdict.TRIVIAL


def test_one_side_alone_is_trivial(chat):
    said = chat()
    said.messages.filter(author=Message.Author.CUSTOMER).delete()
    assert surveys.invite(said.pk).verdict == Verdict.TRIVIAL


def test_a_callback_that_reached_nobody_is_trivial(
    ada, remote, bea, staffed, survey, monday, outbox
):
    made = callbacks.request(ada, phone=ADA_PHONE, subject=remote)
    interactions.close(made.interaction, by=bea, outcome=Outcome.INFORMED)
    assert surveys.invite(made.pk).verdict == Verdict.TRIVIAL


def test_who_objected_is_not_asked_and_may_change_their_mind(chat, ada):
    purpose = Consent.Purpose.SURVEY
    Consent.objects.create(customer=ada, purpose=purpose, granted=False)
    assert surveys.invite(chat().pk).verdict == Verdict.OPTED_OUT
    Consent.objects.create(
        customer=ada, purpose=purpose, granted=True, at=clock.now() + timedelta(seconds=1)
    )
    assert surveys.invite(chat().pk).verdict == Verdict.SENT


def test_without_an_address_a_mail_survey_is_impossible(mail):
    caller = customers.identify("phone", ADA_PHONE)
    assert surveys.invite(mail(caller).pk).verdict == Verdict.NO_ADDRESS


def test_a_colleague_who_tries_the_portal_is_a_test(chat, ada, bea):
    ada.user = bea.user
    ada.save()
    assert surveys.invite(chat().pk).verdict == Verdict.TEST


@pytest.mark.parametrize(("demo", "verdict"), [(True, Verdict.SENT), (False, Verdict.ROBOT)])
def test_a_simulated_customer_is_asked_in_the_demo_only(chat, settings, demo, verdict):
    settings.DEMO = demo
    robot = customers.identify("visitor", "robot")
    robot.is_simulated = True
    robot.save()
    assert surveys.invite(chat(robot).pk).verdict == verdict


def test_the_rest_period_holds_over_all_channels(chat, mail):
    assert surveys.invite(chat().pk).verdict == Verdict.SENT
    second = mail()
    assert surveys.invite(second.pk).verdict == Verdict.REST_PERIOD
    SurveyInvitation.objects.filter(verdict=Verdict.SENT).update(
        due_at=clock.now() - timedelta(days=30, seconds=1)
    )
    assert surveys.invite(mail().pk).verdict == Verdict.SENT


def test_outside_the_sample_nobody_is_asked(chat, survey):
    Survey.objects.update(sample_percent=0)
    assert surveys.invite(chat().pk).verdict == Verdict.SAMPLED_OUT


def test_a_channel_without_a_survey_says_so(chat, survey):
    Survey.objects.update(channels=["mail"])
    assert surveys.invite(chat().pk).verdict == Verdict.NO_SURVEY


def test_reopened_before_it_went_it_does_not_go(mail, outbox, bea):
    said = mail()
    due = surveys.invite(said.pk).due_at
    interactions.reopen(said)
    surveys.withhold(said.pk)
    assert surveys.send_due(due) == 0
    invitation = SurveyInvitation.objects.get()
    assert (invitation.verdict, invitation.state) == (Verdict.REOPENED, State.WITHHELD)
    interactions.assign(said, bea)
    interactions.close(said, by=bea, outcome=Outcome.SOLVED)
    assert surveys.invite(said.pk).verdict == Verdict.SENT  # the question is about the new end
    assert outbox == {}


def test_the_sending_sweep_looks_again_when_the_nudge_was_lost(mail, outbox):
    said = mail()
    due = surveys.invite(said.pk).due_at
    interactions.reopen(said)
    assert surveys.send_due(due) == 0
    assert SurveyInvitation.objects.get().verdict == Verdict.REOPENED
    assert outbox == {}


# --- exactly once -------------------------------------------------------------------------------


def test_ten_times_is_once(chat):
    said = chat()
    for _time in range(10):
        surveys.invite(said.pk)
    assert SurveyInvitation.objects.count() == 1
    assert cards(said).count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_workers_at_once_are_one_invitation_and_one_mail(mail, outbox):
    Survey.objects.update(delays={"mail": 0})
    said = mail()
    SurveyInvitation.objects.all().delete()
    outbox.clear()
    errors: list[Exception] = []

    def work():
        try:
            surveys.invite(said.pk)
            surveys.send_due()
        except Exception as error:  # the thread reports, the test judges
            errors.append(error)
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert SurveyInvitation.objects.count() == 1
    assert len(outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_two_exchanges_closing_at_once_ask_one_customer_once(chat, mail, ada):
    first, second = chat(), chat()
    SurveyInvitation.objects.all().delete()
    threads = [
        threading.Thread(target=lambda key=key: (surveys.invite(key), connection.close()))
        for key in (first.pk, second.pk)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdicts = sorted(SurveyInvitation.objects.values_list("verdict", flat=True))
    assert verdicts == ["rest_period", "sent"]


def test_a_lost_nudge_is_found_by_the_sweep(chat, survey):
    """The event is dropped: these tests run in a transaction that never commits."""
    said = chat()
    assert not SurveyInvitation.objects.exists()
    assert surveys.decide_missed() == 1
    assert SurveyInvitation.objects.get(interaction=said).verdict == Verdict.SENT
    assert surveys.decide_missed() == 0


def test_a_lost_nudge_of_a_second_closing_is_found_too(mail, bea):
    said = mail()
    surveys.invite(said.pk)
    interactions.reopen(said)
    surveys.withhold(said.pk)
    interactions.assign(said, bea)
    interactions.close(said, by=bea, outcome=Outcome.SOLVED)
    assert surveys.decide_missed() == 1
    assert surveys.decide_missed() == 0


def test_what_closed_before_the_survey_existed_is_left_alone(chat, survey):
    said = chat()
    Survey.objects.update(created_at=said.closed_at + timedelta(seconds=1))
    assert surveys.decide_missed() == 0


def test_closing_announces_and_the_receiver_asks(
    chat, django_capture_on_commit_callbacks, monkeypatch
):
    from selfcare import tasks

    asked = []
    monkeypatch.setattr(tasks.invite, "delay", asked.append)
    with django_capture_on_commit_callbacks(execute=True):
        events.announce(events.interaction_closed, interaction_id=chat().pk)
    assert len(asked) == 2  # the closing itself, and the announcement repeated: invite is once
