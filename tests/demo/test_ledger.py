"""What simulated people wrote down is found in the database, or missed aloud."""

from collections import defaultdict
from datetime import UTC, datetime

import pytest

from chat.models import Invitation, Site
from config.demo import compare
from config.demo.simulate import ledger
from crm import clock
from crm.models import Interaction, Message
from crm.services import interactions, journeys, posting
from selfcare.services import callbacks, promises
from tickets.models import Mail

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)  # calls are made by day
pytestmark = pytest.mark.django_db


def differences(**told) -> list[str]:
    return list(compare.differences(defaultdict(list, told)))


@pytest.fixture
def chat(box_queue, ada, bea):
    row = interactions.open("chat", ada, queue=box_queue)
    interactions.assign(row, bea)
    return row


def test_lines_are_compared_to_the_last(chat) -> None:
    said, stored = [], []
    for text in ("un", "deux"):
        key = f"key-{text}"
        posting.post(chat, author=Message.Author.CUSTOMER, text=text, client_id=key)
        said.append({"i": chat.pk, "client_id": key, "text": text, "by": "customer"})
        stored.append({"i": chat.pk, "client_id": key})
    assert differences(say=said, ack=stored) == []

    lost = {"i": chat.pk, "client_id": "lost", "text": "trois", "by": "customer"}
    found = " ".join(differences(say=[*said[::-1], lost], ack=[*stored, lost]))
    assert "order" in found
    assert "lost" in found


def test_what_a_screen_showed_is_what_is_stored(chat, tmp_path, settings) -> None:
    settings.VAR_DIR = tmp_path
    card = posting.post(
        chat, author=Message.Author.SYSTEM, kind=Message.Kind.CARD, body={"card": "survey"}
    )
    line = posting.post(chat, author=Message.Author.CUSTOMER, text="Bonjour")
    book, before = ledger.Ledger("customers"), None
    for answered in (None, None, 4):
        if answered:
            posting.redraw(card, {"answered": answered})
        for frame in posting.frames_after(chat, posting.CUSTOMER, 0):
            shown = frame["m"]
            book.saw(chat.pk, shown, before if shown["id"] == card.pk else None)
            before = shown if shown["id"] == card.pk else before
    told = compare.entries(ledger.folder())
    assert [one.get("answered") for one in told["saw"] if one["id"] == card.pk] == [None, 4]
    assert list(compare.differences(told)) == []

    Message.objects.filter(pk=card.pk).update(body={"card": "survey", "answered": 2})
    Message.objects.filter(pk=line.pk).update(text="Autre chose")
    found = " ".join(compare.differences(told))
    assert "answered 4" in found
    assert "'Bonjour'" in found
    Message.objects.filter(pk=line.pk).update(edited_at=clock.now())
    assert "'Bonjour'" not in " ".join(compare.differences(told))  # by somebody real


def test_whoever_gave_up_waits_no_more(box_queue, ada, remote) -> None:
    row = interactions.open("chat", ada, queue=box_queue)
    assert differences(left=[{"i": row.pk}])
    interactions.close(row, outcome=Interaction.Outcome.ABANDONED)
    assert differences(left=[{"i": row.pk}]) == []


def test_calls_are_as_their_page_says(ada, remote, at_work, bea) -> None:
    at_work(bea)
    made = callbacks.request(ada, phone="+33199001234", subject=remote, at=MORNING)
    asked = {"i": made.pk, "phone": made.phone, "when": "now"}
    words = promises.in_words(made, "fr")
    shown = {"i": made.pk, "promise": words[0].upper() + words[1:], "language": "fr"}
    assert differences(asked=[asked], promised=[shown]) == []

    assert differences(asked=[asked], promised=[shown | {"promise": "Demain"}])
    assert differences(asked=[asked | {"phone": "+33199000000"}])
    assert differences(asked=[asked], moved=[{"i": made.pk, "when": "2026-11-23T17:30+01:00"}])
    assert differences(asked=[{"i": 0, "phone": ""}])
    assert differences(called=[{"i": made.pk}])
    gone = {"asked": [asked], "cancelled": [{"i": made.pk}]}
    assert differences(**gone)
    callbacks.cancel(made.pk)
    assert differences(**gone, promised=[shown, shown | {"promise": ""}]) == []
    assert differences(**gone, promised=[shown])  # the page still promised it


def test_a_promise_whose_change_had_no_answer_is_not_judged(ada, remote, at_work, bea) -> None:
    at_work(bea)
    made = callbacks.request(ada, phone="+33199001234", subject=remote, at=MORNING)
    asked = {"i": made.pk, "phone": made.phone, "when": "now"}
    shown = {"i": made.pk, "promise": "Demain", "language": "fr"}
    told = {"asked": [asked], "promised": [shown], "moved?": [{"i": made.pk}]}
    assert differences(**told) == []


def test_letters_leave_are_read_and_answered_where_they_were_written(box_queue, ada, bea) -> None:
    row = interactions.open("mail", ada, queue=box_queue)
    interactions.take(row, bea)
    text = "Retirez les piles.\nAttendez."
    letter = posting.post(
        row, author=Message.Author.AGENT, agent=bea, text=text, client_id="letter"
    )
    posted = [{"i": row.pk, "client_id": "letter"}]
    written = [{"client_id": "letter", "text": text}]
    mail = letter.mail
    mail.header_id = "l@x"
    mail.save()
    got = {"message_id": "<l@x>", "text": "Bonjour,\n\nRetirez les\npiles. Attendez.\n-- \nLumio"}
    assert differences(letter=written, posted=posted, got=[got]) == []
    assert differences(got=[got | {"text": "Bonjour"}])
    assert differences(got=[got | {"message_id": "<nobody@x>"}])

    other = interactions.open("mail", ada, queue=box_queue)
    line = posting.post(other, author=Message.Author.CUSTOMER, text="Merci")
    Mail.objects.create(
        direction="in", state="filed", header_id="a@x", interaction=other, message=line
    )
    answer = {"message_id": "<a@x>", "answers": "<l@x>"}
    assert differences(got=[got], mail=[answer], mailed=[answer])
    Mail.objects.filter(header_id="a@x").update(interaction=row)
    assert differences(got=[got], mail=[answer], mailed=[answer]) == []
    mail.state = Mail.State.FAILED
    mail.save()
    assert differences(letter=written, posted=posted)
    mail.delete()
    assert differences(letter=written, posted=posted)
    assert differences(mailed=[{"message_id": "<never@x>"}])


def test_scores_are_those_that_were_given_and_seen(chat) -> None:
    given, seen = {"i": chat.pk, "score": 5}, {"i": chat.pk, "score": 4}
    interactions.rate(chat, 4)
    assert differences(praised=[seen]) == []
    assert differences(praised=[given])
    assert differences(rated=[given])  # nobody answered a survey


def test_a_refused_invitation_stays_refused(box_queue, remote) -> None:
    site = Site.objects.create(key="shop", name="Shop")
    stay = journeys.visit("abc")
    shown = Invitation.objects.create(
        site=site, visit=stay, subject=remote, queue=box_queue, page_url="/", state="expired"
    )
    assert differences(refused=[{"invitation": shown.pk}])
    shown.state = "refused"
    shown.save()
    assert differences(refused=[{"invitation": shown.pk}]) == []
