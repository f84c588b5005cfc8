"""A request in writing that begins with the portal's form."""

import pytest

from crm import registry
from crm.models import Customer, Interaction, Message
from crm.services import customers
from tests.tickets.conftest import letter
from tickets.models import Mail, Mailbox
from tickets.services import acknowledging, knowledge, opening, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def asker() -> Customer:
    return customers.identify("mail", "ada@mail.example", name="Ada Lenoir", source="portal")


def ask(customer: Customer, **more) -> Interaction:
    said = {"title": "Télécommande", "text": "Depuis hier, plus rien.", "language": "fr"}
    return registry.opener("mail")(customer=customer, **{**said, **more})


def test_a_form_is_a_mail_request_of_the_subjects_queue(asker, remote, assistance, mobile_queue):
    Mailbox.objects.create(address="a@lumio.example", name="A", queue=mobile_queue)
    request = ask(asker, subject=remote)
    assert (request.channel, request.origin, request.queue) == ("mail", "form", assistance.queue)
    assert request.ticket.mailbox == assistance
    said = Message.objects.get(interaction=request, kind="text")
    assert (said.author, said.text) == ("customer", "Depuis hier, plus rien.")


def test_without_a_subject_it_goes_where_the_first_mailbox_goes(asker, assistance, mobile_queue):
    Mailbox.objects.create(address="b@lumio.example", name="B", queue=mobile_queue)
    request = ask(asker)
    assert (request.ticket.mailbox, request.queue) == (assistance, assistance.queue)


def test_without_any_mailbox_it_opens_all_the_same(asker, remote, box_queue):
    request = ask(asker, subject=remote)
    assert (request.ticket.mailbox, request.queue) == (None, box_queue)
    assert Mail.objects.get().from_email == "bonjour@lumio.example"


def test_the_form_is_acknowledged_once_and_threads(asker, assistance):
    request = ask(asker, key="k")
    assert ask(asker, key="k") == request
    mail = Mail.objects.get()
    assert (mail.template, mail.to) == (knowledge.ACKNOWLEDGEMENT, ["ada@mail.example"])
    assert request.reference in mail.subject
    raw = letter(
        "reply",
        id="x1",
        to=mail.reply_to,
        headers=f"In-Reply-To: <{mail.header_id}>",
        **{"from": "ada@mail.example"},
    )
    receiving.receive(raw)
    assert Message.objects.filter(interaction=request, author="customer").count() == 2
    assert Interaction.objects.count() == 1


def test_one_address_is_acknowledged_a_few_times_a_day(asker, assistance):
    for number in range(acknowledging.ANSWERS_A_DAY + 2):
        ask(asker, key=str(number))
    assert Interaction.objects.count() == acknowledging.ANSWERS_A_DAY + 2
    assert Mail.objects.count() == acknowledging.ANSWERS_A_DAY


def test_a_key_is_its_customers_own(asker, assistance):
    """Somebody else's key opens nobody's request."""
    other = customers.identify("mail", "mallory@evil.example", source="portal")
    assert ask(asker, key="k") != ask(other, key="k")


def test_two_at_once_are_one_request(asker, assistance, monkeypatch):
    """The other one commits between our look and our writing: the database says so."""
    first = ask(asker, key="k")
    looks = iter([None, first])
    monkeypatch.setattr(opening, "_opened_with", lambda key: next(looks))
    assert ask(asker, key="k") == first
    assert Interaction.objects.count() == Mail.objects.count() == 1
