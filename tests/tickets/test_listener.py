"""The SMTP door: 250 means we have it."""

import asyncio
import smtplib
import threading
from email.message import EmailMessage

import pytest

from config.catcher import store as caught
from tests.tickets.conftest import letter
from tickets.mail import listen
from tickets.management.commands.listen_mail import Listener
from tickets.models import Mail
from tickets.services import mailboxes, receiving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def door():
    """The listener on a free port of loopback; gives the port."""
    yield from listening(lmtp=False)


@pytest.fixture
def inner_door():
    """The same by LMTP, for a mail server in front of us."""
    yield from listening(lmtp=True)


def listening(*, lmtp: bool):
    loop = asyncio.new_event_loop()
    listener = Listener()
    server = loop.run_until_complete(
        listen.serve(listener.handler, "127.0.0.1", 0, hostname="lumio.example", lmtp=lmtp)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield server.sockets[0].getsockname()[1]

    async def end():
        server.close()
        if listener.filing:
            await asyncio.wait(listener.filing)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await loop.shutdown_default_executor()

    asyncio.run_coroutine_threadsafe(end(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def hand_over(port: int, raw: bytes, to: str = "assistance@lumio.example") -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("ada@lenoir.example", [to], raw)


def test_a_mail_by_smtp_becomes_a_request(door, assistance):
    hand_over(door, letter("request", id="r1"))
    for _try in range(50):
        if Mail.objects.filter(state=Mail.State.FILED).exists():
            break
        threading.Event().wait(0.1)
    mail = Mail.objects.inbound().get()
    assert mail.state == Mail.State.FILED
    assert mail.envelope_to == ["assistance@lumio.example"]


def test_an_address_that_is_not_ours_is_refused(door, assistance):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        hand_over(door, letter("request", id="r1"), "somebody@lumio.example")
    assert not Mail.objects.exists()


def test_when_it_cannot_be_stored_the_other_server_keeps_it(door, assistance, monkeypatch):
    def away(*args):
        raise OSError("no disk")

    with monkeypatch.context() as fault:
        fault.setattr(receiving, "store", away)
        with pytest.raises(smtplib.SMTPDataError) as answer:
            hand_over(door, letter("request", id="r1"))
    assert answer.value.smtp_code == 451
    hand_over(door, letter("request", id="r1"))


def test_when_the_database_is_away_nobody_is_refused_for_good(door, assistance, monkeypatch):
    def away(address):
        raise OSError("no database")

    monkeypatch.setattr(mailboxes, "named", away)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as answer:
        hand_over(door, letter("request", id="r1"))
    assert [code for code, _said in answer.value.recipients.values()] == [451]


def test_writing_and_replying_as_a_customer_goes_through_the_real_door(
    door, assistance, client, settings, tmp_path
):
    settings.VAR_DIR = tmp_path
    settings.MAIL_LISTEN = f"127.0.0.1:{door}"
    form = {
        "sender": "ada@lenoir.example",
        "sender_name": "Ada Lenoir",
        "to": "assistance@lumio.example",
        "subject": "Ma box",
        "text": "Elle clignote.",
    }
    assert client.post("/catcher/write/", form).status_code == 302
    first = Mail.objects.inbound().get()
    ours = EmailMessage()
    ours["From"], ours["To"], ours["Subject"] = (
        "assistance@lumio.example",
        form["sender"],
        "Re: Ma box",
    )
    ours["Message-ID"] = "<ours@lumio.example>"
    ours["References"] = f"<{first.header_id}>" if first.header_id else "<x@y.test>"
    ours.set_content("Éteignez-la.")
    ours.add_alternative("<p>Éteignez-la.</p>", subtype="html")
    item = caught.keep(ours.as_bytes(), [form["sender"]])
    page = client.get(f"/catcher/{item.key}/")
    assert "Éteignez-la." in page.content.decode()
    frame = client.get(f"/catcher/{item.key}/html/")
    assert "<p>Éteignez-la.</p>" in frame.content.decode()
    assert '<base target="_blank">' in frame.content.decode()  # links open beside the frame
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "sandbox" in frame["Content-Security-Policy"]
    assert "script-src" not in frame["Content-Security-Policy"]
    assert client.get("/catcher/?q=ada@lenoir").status_code == 200
    reply = client.get(f"/catcher/write/?reply={item.key}")
    assert "&gt; Éteignez-la." in reply.content.decode()
    answer = {**form, "subject": "Re: Ma box", "text": "Merci"}
    assert client.post(f"/catcher/write/?reply={item.key}", answer).status_code == 302
    for _try in range(50):
        second = Mail.objects.inbound().latest("pk")
        if second.state != Mail.State.RECEIVED:
            break
        threading.Event().wait(0.1)
    assert second.in_reply_to == "ours@lumio.example"


def test_the_catcher_gives_no_file_but_its_own(client, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    assert client.get("/catcher/..%2F..%2Fsecret/").status_code == 404
    assert client.get("/catcher/0000000000000000000-aaaaaa/").status_code == 404


def test_by_lmtp_each_recipient_gets_an_answer_of_its_own(inner_door, assistance):
    with smtplib.LMTP("127.0.0.1", inner_door, timeout=10) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("ada@lenoir.example")
        to = ["assistance@lumio.example", "Assistance@Lumio.example"]
        assert [client.rcpt(each)[0] for each in to] == [250, 250]
        assert client.rcpt("somebody@lumio.example")[0] == 550
        assert client.data(letter("request", id="r1"))[0] == 250
        assert client.getreply()[0] == 250
        assert client.noop()[0] == 250
    assert Mail.objects.inbound().count() == 1
