"""A mailbox's rules: where a new request goes by what its mail says."""

import pytest

from tests.tickets.conftest import letter
from tickets.models import Mail, MailRule
from tickets.services import receiving

pytestmark = pytest.mark.django_db


def arrive(name: str = "r1", **words) -> Mail:
    return receiving.receive(letter("request", id=name, **words), ["assistance@lumio.example"])


def test_the_first_rule_that_fits_gives_the_queue(assistance, mobile_queue, box_queue):
    box = MailRule.objects.create(mailbox=assistance, position=2, words="x", queue=box_queue)
    MailRule.objects.create(
        mailbox=assistance, position=1, where="title", words="zzz, TELECOMMANDE", queue=mobile_queue
    )
    assert arrive().interaction.queue == mobile_queue
    MailRule.objects.update(words="nothing of the sort")
    assert arrive("r2").interaction.queue == assistance.queue
    box.delete()


def test_a_rules_subject_leads_to_its_queue(assistance, mobile_queue, remote):
    remote.queue = mobile_queue
    remote.save()
    MailRule.objects.create(
        mailbox=assistance, where="from", words="LENOIR.example", subject=remote
    )
    interaction = arrive().interaction
    assert (interaction.subject, interaction.queue) == (remote, mobile_queue)


def test_a_quiet_rule_acknowledges_nothing(assistance):
    MailRule.objects.create(mailbox=assistance, words="lenoir", is_quiet=True)
    assert arrive().interaction is not None
    assert not Mail.objects.outbound().exists()


def test_what_a_rule_sets_aside_opens_nothing_and_can_be_let_in(assistance, mia):
    from tickets.services import spam

    MailRule.objects.create(mailbox=assistance, words="lenoir", sets_aside=True)
    mail = arrive()
    assert (mail.state, mail.interaction, mail.why) == ("set_aside", None, "rule: lenoir")
    spam.let_in(mail, by=mia)
    mail.refresh_from_db()
    assert mail.interaction is not None


def test_a_reply_stays_where_its_request_is(assistance, mobile_queue):
    first = arrive()
    MailRule.objects.create(mailbox=assistance, words="lenoir", queue=mobile_queue, sets_aside=True)
    reply = (
        b"From: ada@lenoir.example\nTo: assistance@lumio.example\nMessage-ID: <2@x>\n"
        b"In-Reply-To: <r1@example.test>\n\nEncore moi"
    )
    assert receiving.receive(reply).interaction == first.interaction
