"""What customers answer to the question: counted once, changed within a day."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from crm import clock
from crm.models import Message, Status
from selfcare.models import Answer, AnswerChange, SurveyInvitation
from selfcare.services import answers, surveys

pytestmark = pytest.mark.django_db


def test_the_answer_reaches_the_exchange_and_the_card(invitation):
    answers.answer(invitation.pk, score=5, comment="Bravo", via=Answer.Via.CARD)
    said = invitation.interaction
    said.refresh_from_db()
    assert (said.score, said.status) == (5, Status.CLOSED)
    assert said.messages.get(kind=Message.Kind.CARD).body["answered"] == 5
    invitation.refresh_from_db()
    assert invitation.state == SurveyInvitation.State.ANSWERED


def test_a_double_click_counts_once(invitation):
    first = answers.answer(invitation.pk, score=4, via=Answer.Via.CARD)
    assert answers.answer(invitation.pk, score=4, via=Answer.Via.CARD) == first
    assert not AnswerChange.objects.exists()


def test_more_may_be_said_later_and_a_change_keeps_what_was_said(invitation):
    answers.answer(invitation.pk, score=4, via=Answer.Via.CARD)
    answers.answer(invitation.pk, score=4, comment="Un peu long", via=Answer.Via.CARD)
    assert not AnswerChange.objects.exists()
    changed = answers.answer(invitation.pk, score=2, via=Answer.Via.CARD)
    assert (changed.score, changed.comment) == (2, "Un peu long")
    assert AnswerChange.objects.get().before["score"] == 4
    invitation.interaction.refresh_from_db()
    assert invitation.interaction.score == 2


def test_after_a_day_the_answer_stands(invitation):
    answers.answer(invitation.pk, score=4, via=Answer.Via.CARD)
    with pytest.raises(answers.TooLate):
        answers.answer(
            invitation.pk, score=1, via=Answer.Via.CARD, at=clock.now() + timedelta(hours=25)
        )


def test_an_expired_or_withheld_question_takes_no_answer(invitation, chat):
    SurveyInvitation.objects.filter(pk=invitation.pk).update(
        expires_at=clock.wall() - timedelta(seconds=1)
    )
    withheld = surveys.invite(chat().pk)
    for one in (invitation.pk, withheld.pk, 10**9):
        with pytest.raises(answers.NotAsked):
            answers.answer(one, score=5, via=Answer.Via.CARD)
    assert not Answer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_are_one_answer(chat):
    said = chat()
    key = surveys.invite(said.pk).pk
    errors: list[Exception] = []

    def click():
        try:
            answers.answer(key, score=5, via=Answer.Via.CARD)
        except Exception as error:  # the thread reports, the test judges
            errors.append(error)
        connection.close()

    threads = [threading.Thread(target=click) for _click in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Answer.objects.count() == 1
    assert not AnswerChange.objects.exists()
