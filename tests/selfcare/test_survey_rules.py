"""Which survey asks after which exchange, what it leaves out, and the one reminder."""

from datetime import timedelta

import pytest

from crm import clock
from crm.models import Consent, Interaction
from crm.services import interactions
from selfcare.models import Answer, Survey, SurveyInvitation
from selfcare.services import answers, surveys
from tests import factories
from tests.selfcare.surveying import ask, question

pytestmark = pytest.mark.django_db
Verdict = SurveyInvitation.Verdict
State = SurveyInvitation.State


@pytest.fixture
def mail(chat):
    """Ada wrote, Bea answered and closed it."""

    def write():
        said = chat()
        Interaction.objects.filter(pk=said.pk).update(channel="mail")
        said.refresh_from_db()
        return said

    return write


def rested(days):
    """Whoever was asked was asked so many days ago."""
    SurveyInvitation.objects.filter(verdict=Verdict.SENT).update(
        due_at=clock.now() - timedelta(days=days)
    )


# --- which survey ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({"channels": ["chat"]}, True),
        ({"channels": ["mail"]}, False),
        ({"outcomes": ["solved", "informed"]}, True),
        ({"outcomes": ["order"]}, False),
        ({"languages": ["fr"]}, True),
        ({"languages": ["en"]}, False),
    ],
)
def test_a_rule_says_after_which_exchanges_it_asks(chat, survey, rule, fits):
    Survey.objects.update(**rule)
    asked = surveys.invite(chat().pk)
    assert asked.verdict == (Verdict.SENT if fits else Verdict.NO_SURVEY)


def test_a_subject_stands_for_all_below_it(chat, survey, remote):
    branch = factories.SubjectFactory(slug="box-branch", parent=None)
    survey.subjects.add(branch)
    assert surveys.invite(chat().pk).verdict == Verdict.NO_SURVEY
    remote.parent = branch
    remote.save()
    assert surveys.invite(chat().pk).verdict == Verdict.SENT


def test_the_real_subject_counts_not_the_one_the_customer_chose(chat, survey):
    other = factories.SubjectFactory(slug="other")
    survey.subjects.add(other)
    said = chat()
    Interaction.objects.filter(pk=said.pk).update(real_subject=other)
    assert surveys.invite(said.pk).verdict == Verdict.SENT


def test_a_queue_may_have_its_own(chat, survey, mobile_queue, box_queue):
    survey.queues.add(mobile_queue)
    assert surveys.invite(chat().pk).verdict == Verdict.NO_SURVEY
    survey.queues.add(box_queue)
    assert surveys.invite(chat().pk).verdict == Verdict.SENT


def test_the_first_that_fits_asks(chat, survey):
    first = Survey.objects.create(name="First", position=0)
    Survey.objects.filter(pk=survey.pk).update(position=1)
    version = ask(first, question("satisfaction"))
    assert surveys.invite(chat().pk).version == version
    Survey.objects.filter(pk=first.pk).update(is_active=False)
    rested(31)
    assert surveys.invite(chat().pk).version.survey == survey


def test_each_channel_has_its_delay(chat, survey, outbox):
    Survey.objects.update(delays={"chat": 60})
    asked = surveys.invite(chat().pk)
    assert (asked.state, asked.due_at) == (State.DUE, asked.closed_at + timedelta(hours=1))
    assert surveys.send_due(asked.due_at) == 1
    assert asked.interaction.messages.filter(kind="card").count() == 1


def test_the_rest_period_holds_over_all_surveys(chat, mail, survey):
    Survey.objects.filter(pk=survey.pk).update(channels=["chat"])
    ask(Survey.objects.create(name="Mail", channels=["mail"]), question("satisfaction"))
    assert surveys.invite(chat().pk).verdict == Verdict.SENT
    assert surveys.invite(mail().pk).verdict == Verdict.REST_PERIOD


# --- rhythms -----------------------------------------------------------------------------------


def test_recommendation_has_a_rhythm_of_its_own(chat, survey):
    ask(survey, question("satisfaction"), question("recommendation"))
    assert surveys.invite(chat().pk).left_out == []
    rested(179)
    second = surveys.invite(chat().pk)
    assert (second.verdict, second.left_out) == (Verdict.SENT, ["recommendation"])
    SurveyInvitation.objects.filter(left_out=[]).update(due_at=clock.now() - timedelta(days=181))
    SurveyInvitation.objects.exclude(left_out=[]).update(due_at=clock.now() - timedelta(days=31))
    assert surveys.invite(chat().pk).left_out == []  # left out is not asked


def test_what_was_left_out_takes_no_answer(chat, survey):
    ask(survey, question("satisfaction"), question("effort"))
    Survey.objects.update(rest_days=0)
    surveys.invite(chat().pk)
    second = surveys.invite(chat().pk)
    assert second.left_out == ["effort"]
    stored = answers.answer(second.pk, score=5, effort=7, via=Answer.Via.CARD)
    assert (stored.score, stored.effort) == (5, None)


def test_when_nothing_is_left_to_ask_nobody_is_asked(chat, survey):
    ask(survey, question("recommendation"))
    surveys.invite(chat().pk)
    rested(40)
    second = surveys.invite(chat().pk)
    assert (second.verdict, second.state) == (Verdict.REST_PERIOD, State.WITHHELD)


def test_a_survey_without_satisfaction_leaves_the_exchange_unrated(chat, survey):
    ask(survey, question("recommendation"), question("text", "text2"))
    asked = surveys.invite(chat().pk)
    card = asked.interaction.messages.get(kind="card")
    assert "post" not in card.body
    assert "/avis/" in card.body["ways"][0]["url"]
    stored = answers.answer(asked.pk, recommendation=9, text2="Bien", via=Answer.Via.PORTAL)
    asked.interaction.refresh_from_db()
    assert (stored.score, stored.more, asked.interaction.score) == (None, {"text2": "Bien"}, None)


def test_a_change_of_any_answer_is_kept(chat, survey):
    ask(survey, question("satisfaction"), question("text", "text2"))
    asked = surveys.invite(chat().pk)
    answers.answer(asked.pk, score=5, text2="Un", via=Answer.Via.CARD)
    stored = answers.answer(asked.pk, score=5, text2="Deux", via=Answer.Via.CARD)
    assert stored.more == {"text2": "Deux"}
    assert stored.changes.get().before == {"score": 5, "text2": "Un"}


# --- the one reminder --------------------------------------------------------------------------


@pytest.fixture
def sent(mail, outbox):
    asked = surveys.invite(mail().pk)
    surveys.send_due(asked.due_at)
    asked.refresh_from_db()
    outbox.clear()
    return asked


def test_one_reminder_by_mail_and_never_a_second(sent, outbox):
    assert surveys.remind_due(sent.remind_at - timedelta(seconds=1)) == 0
    assert [surveys.remind_due(sent.remind_at + timedelta(days=n)) for n in range(10)] == [
        1,
        *[0] * 9,
    ]
    ((_address, template, context, _language, _about),) = outbox.values()
    assert (template, context["reminder"]) == ("selfcare/mail/survey", True)


def test_who_answered_is_not_reminded(sent, outbox):
    answers.answer(sent.pk, score=4, via=Answer.Via.MAIL)
    assert surveys.remind_due(sent.remind_at) == 0
    assert outbox == {}


def test_who_objected_meanwhile_is_not_reminded(sent, outbox, ada):
    Consent.objects.create(customer=ada, purpose=Consent.Purpose.SURVEY, granted=False)
    assert surveys.remind_due(sent.remind_at) == 0
    assert outbox == {}


def test_an_exchange_that_goes_on_is_not_reminded_of_even_when_it_is_closed_again(
    sent, outbox, bea
):
    interactions.reopen(sent.interaction)
    assert surveys.remind_due(sent.remind_at) == 0
    interactions.assign(sent.interaction, bea)
    interactions.close(sent.interaction, by=bea, outcome=Interaction.Outcome.SOLVED)
    assert surveys.remind_due(sent.remind_at + timedelta(days=1)) == 0
    assert outbox == {}


def test_a_card_has_no_reminder_nor_a_survey_that_wants_none(chat, mail, survey, outbox):
    assert surveys.invite(chat().pk).remind_at is None
    Survey.objects.update(reminder_days=0, rest_days=0)
    asked = surveys.invite(mail().pk)
    surveys.send_due(asked.due_at)
    asked.refresh_from_db()
    assert (asked.state, asked.remind_at) == (State.SENT, None)
