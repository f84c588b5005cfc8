"""At least once becomes exactly once: processes killed in the middle, beat away for a day, the same
task again and again."""

import os
import signal
from datetime import timedelta

import pytest
from django.db import connection

from crm import clock
from crm.models import Interaction, Message
from crm.services import posting
from selfcare import tasks
from selfcare.models import Answer, FollowUp, Survey, SurveyInvitation
from selfcare.services import answers, follow_ups, surveys

State = SurveyInvitation.State


def killed(work, *, at):
    """Another process does the work and is killed (-9) where `at` ("module.name") has just run."""
    pid = os.fork()
    if pid == 0:
        connection.connection = None  # the parent's, not ours to close
        owner, name = at
        real = getattr(owner, name)

        def last(*args, **kwargs):
            real(*args, **kwargs)
            os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, name, last)
        try:
            work()
        finally:
            os._exit(0)
    _pid, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), "it ended before it came there"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "at", [(SurveyInvitation, "save"), (posting, "post"), (surveys, "_send"), (surveys, "_plan")]
)
def test_killed_while_it_asks_it_asks_once(chat, survey, at):
    said = chat()
    SurveyInvitation.objects.all().delete()
    said.messages.filter(kind=Message.Kind.CARD).delete()
    for _death in range(2):
        killed(lambda: surveys.invite(said.pk), at=at)
        assert not SurveyInvitation.objects.exists()
    assert surveys.decide_missed() == 1
    assert SurveyInvitation.objects.get().state == State.SENT
    assert said.messages.filter(kind=Message.Kind.CARD).count() == 1


@pytest.mark.django_db(transaction=True)
def test_killed_while_it_sends_or_reminds_the_mail_goes_once(chat, survey, outbox):
    Survey.objects.update(delays={"mail": 5})
    said = chat()
    SurveyInvitation.objects.all().delete()
    Interaction.objects.filter(pk=said.pk).update(channel="mail")
    asked = surveys.invite(said.pk)
    killed(lambda: surveys.send_due(asked.due_at), at=(surveys, "_mail"))
    asked.refresh_from_db()
    assert asked.state == State.DUE
    assert [surveys.send_due(asked.due_at) for _time in range(10)] == [1, *[0] * 9]
    asked.refresh_from_db()
    killed(lambda: surveys.remind_due(asked.remind_at), at=(surveys, "_mail"))
    assert [surveys.remind_due(asked.remind_at) for _time in range(10)] == [1, *[0] * 9]
    assert sorted(outbox) == [f"survey-reminder:{asked.pk}", f"survey:{asked.pk}"]


@pytest.mark.django_db(transaction=True)
def test_killed_while_it_answers_the_answer_and_its_follow_up_are_one(chat, survey):
    key = surveys.invite(chat().pk).pk

    def click():
        answers.answer(key, score=1, via=Answer.Via.CARD)

    killed(click, at=(follow_ups, "open_if_low"))
    assert not Answer.objects.exists()
    click()
    click()
    assert (Answer.objects.count(), FollowUp.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_after_a_day_without_beat_each_exchange_is_asked_about_once(chat, survey, outbox):
    said = chat()
    Interaction.objects.filter(pk=said.pk).update(channel="mail")
    later = clock.now() + timedelta(days=1)
    assert (surveys.decide_missed(later), surveys.send_due(later)) == (1, 0)  # at once: it was due
    for _time in range(10):
        tasks.invite(said.pk)
        surveys.decide_missed(later)
        surveys.send_due(later)
    assert SurveyInvitation.objects.get().state == State.SENT
    assert len(outbox) == 1
