"""Mail from a real IMAP server: every one once, whoever else reads the folder, whoever dies."""

import time
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import translation
from imapclient import IMAPClient

from crm import clock
from tests import dovecot
from tests.tickets.conftest import letter
from tickets import tasks
from tickets.mail import fetch
from tickets.models import ImapAccount, Mail, Mailbox, Ticket
from tickets.services import fetching, mailbox_tests, receiving

State = Mail.State
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("dovecot")]


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def server():
    found = dovecot.start()
    yield found
    found.stop()


@pytest.fixture
def account(server, assistance):
    return ImapAccount.objects.create(
        mailbox=assistance,
        host="127.0.0.1",
        port=server.port,
        security="none",
        username=server.user(),
        password=dovecot.PASSWORD,
        takes_old=True,
    )


def requests(count: int, start: int = 0) -> list[bytes]:
    return [letter("request", id=f"r{number}") for number in range(start, start + count)]


def collect(account: ImapAccount, holder: str = "one") -> int:
    assert fetching.lease(account.pk, holder)
    account.refresh_from_db()
    with fetch.Folder(fetching.server_of(account), account.folder) as folder:
        return fetching.collect(account, folder, holder)


def look(account: ImapAccount, folder: str = "INBOX") -> dict[int, tuple]:
    """UID → flags, as a mail program sees them."""
    with IMAPClient("127.0.0.1", account.port, ssl=False) as client:
        client.login(account.username, dovecot.PASSWORD)
        client.select_folder(folder, readonly=True)
        uids = client.search("ALL")
        return {uid: told[b"FLAGS"] for uid, told in client.fetch(uids, ["FLAGS"]).items()}


def test_each_mail_is_fetched_once_in_the_order_of_arrival(server, account):
    server.deliver(account.username, requests(3))
    assert collect(account) == 3
    mails = list(Mail.objects.inbound().order_by("pk"))
    assert [mail.header_id for mail in mails] == [f"r{n}@example.test" for n in range(3)]
    assert {mail.state for mail in mails} == {State.FILED}
    assert {mail.mailbox for mail in mails} == {account.mailbox}
    assert collect(account) == 0
    server.deliver(account.username, requests(1, 3))
    assert collect(account) == 1
    assert Ticket.objects.count() == 4


def test_it_does_not_matter_what_somebody_has_read_already(server, account):
    server.deliver(account.username, requests(2))
    with IMAPClient("127.0.0.1", account.port, ssl=False) as client:
        client.login(account.username, dovecot.PASSWORD)
        client.select_folder("INBOX")
        client.add_flags(client.search("ALL"), [b"\\Seen"])
    assert collect(account) == 2


def test_a_mailbox_full_of_old_mail_opens_nothing_unless_it_is_told_to(server, account):
    account.takes_old = False
    account.save()
    server.deliver(account.username, requests(2))
    assert collect(account) == 0
    server.deliver(account.username, requests(1, 2))
    assert collect(account) == 1


def test_after_the_commit_a_mail_is_marked_as_the_mailbox_says(server, account):
    server.deliver(account.username, requests(2))
    collect(account)
    assert [flags for flags in look(account).values() if b"\\Seen" in flags]
    account.after, account.move_to = "move", "Traités"
    account.save()
    server.deliver(account.username, requests(2, 2))
    assert collect(account) == 2
    assert len(look(account)) == 2  # the first two, which were only marked
    assert len(look(account, "Traités")) == 2


def test_marks_that_a_crash_left_out_are_made_up_for(server, account, monkeypatch):
    server.deliver(account.username, requests(2))

    def cut(*args):
        raise OSError("the line broke")

    with monkeypatch.context() as fault:
        fault.setattr(fetch.Folder, "mark_seen", cut)
        with pytest.raises(OSError, match="broke"):
            collect(account)
    assert Ticket.objects.count() == 2
    assert not [flags for flags in look(account).values() if b"\\Seen" in flags]
    assert collect(account) == 0
    assert all(b"\\Seen" in flags for flags in look(account).values())


def test_a_server_that_numbers_anew_brings_nothing_twice(server, account):
    server.deliver(account.username, requests(2))
    collect(account)
    before = ImapAccount.objects.get().uid_validity
    found = 0
    # Dovecot looks at its folders by the second, and a slow end of its last session may write the
    # old numbers back.
    for _second in range(20):
        server.renumber(account.username)
        found += collect(account)
        if found:
            break
        time.sleep(0.5)
    assert found == 2
    assert ImapAccount.objects.get().uid_validity != before
    assert Mail.objects.filter(state=State.DUPLICATE).count() == 2
    assert Ticket.objects.count() == 2


def test_one_mailbox_has_one_fetcher_and_another_when_it_dies(account):
    assert fetching.lease(account.pk, "one")
    assert fetching.lease(account.pk, "one")
    assert not fetching.lease(account.pk, "two")
    gone = clock.wall() - timedelta(seconds=1)
    ImapAccount.objects.filter(pk=account.pk).update(lease_until=gone)
    assert fetching.lease(account.pk, "two")


def test_who_lost_the_lease_meanwhile_stores_nothing(server, account, monkeypatch):
    server.deliver(account.username, requests(2))
    bodies = fetch.Folder.bodies

    def slowly(self, uids):
        for batch in bodies(self, uids):
            ImapAccount.objects.update(lease_until=clock.wall() - timedelta(seconds=1))
            assert fetching.lease(account.pk, "two")
            yield batch

    with monkeypatch.context() as fault:
        fault.setattr(fetch.Folder, "bodies", slowly)
        with pytest.raises(fetching.LeaseLost):
            collect(account, "one")
    assert not Mail.objects.exists()
    assert collect(account, "two") == 2


def test_a_mail_that_breaks_its_reading_stops_nobody(server, account, monkeypatch):
    from tickets.services import filing

    read = filing.read

    def fragile(mail, raw=None):
        found = read(mail, raw)
        if found.parsed.message_id == "r1@example.test":
            raise RuntimeError("a fault of ours")
        return found

    monkeypatch.setattr(filing, "read", fragile)
    server.deliver(account.username, requests(3))
    assert collect(account) == 3
    states = list(Mail.objects.inbound().order_by("pk").values_list("state", flat=True))
    assert states == [State.FILED, State.QUARANTINED, State.FILED]


def test_a_mail_over_the_limit_is_seen_but_not_loaded(server, account, monkeypatch):
    monkeypatch.setattr(fetch, "SIZE_LIMIT", 2_000)
    server.deliver(account.username, [*requests(1), letter("request", id="big") + b"x" * 3_000])
    collect(account)
    large = Mail.objects.get(state=State.QUARANTINED)
    assert "larger than" in large.error
    assert large.size > 3_000
    assert (large.from_email, large.subject) == (
        "ada@lenoir.example",
        "Ma télécommande ne répond plus",
    )
    assert Mail.objects.filter(state=State.FILED).count() == 1


@pytest.fixture
def large(server, account, monkeypatch) -> Mail:
    """A mail over the limit: its head lies in the quarantine."""
    monkeypatch.setattr(fetch, "SIZE_LIMIT", 2_000)
    server.deliver(account.username, [letter("request", id="big") + b"x" * 3_000])
    collect(account)
    return Mail.objects.get(state=State.QUARANTINED)


@pytest.mark.parametrize("after", ["leave", "move"])
def test_a_mail_over_the_limit_comes_in_whole_when_it_is_tried_again(
    server, account, monkeypatch, after, django_capture_on_commit_callbacks
):
    ImapAccount.objects.update(after=after, move_to="Traités")
    monkeypatch.setattr(fetch, "SIZE_LIMIT", 2_000)
    server.deliver(account.username, [letter("request", id="big") + b"x" * 3_000])
    collect(account)
    mail = Mail.objects.get(state=State.QUARANTINED)
    head = mail.source
    with django_capture_on_commit_callbacks(execute=True):
        assert fetching.fetch_whole(mail)
    mail.refresh_from_db()
    assert mail.state == State.FILED
    assert "x" * 3_000 in mail.message.text
    assert not default_storage.exists(head)


def test_a_head_alone_never_opens_a_request(large):
    assert not receiving.retry(large)
    assert large.state == State.QUARANTINED
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"folder": "Nowhere"}, "The server says"),
        ({"is_active": False}, "no longer fetched"),
        ({"password": "wrong"}, "refuses this user name"),
    ],
)
def test_a_large_mail_that_cannot_be_had_stays_with_the_reason(root, large, account, change, words):
    ImapAccount.objects.filter(pk=account.pk).update(**change)
    assert words in try_again(root, large)
    large.refresh_from_db()
    assert "larger than" in large.error


def test_a_large_mail_that_is_gone_or_far_too_large_stays_with_the_reason(
    root, server, large, account, monkeypatch
):
    monkeypatch.setattr(fetch, "BY_HAND_LIMIT", 2_500)
    assert "ask its sender" in try_again(root, large)
    with IMAPClient("127.0.0.1", account.port, ssl=False) as client:
        client.login(account.username, dovecot.PASSWORD)
        client.select_folder("INBOX")
        client.delete_messages(client.search("ALL"))
        client.expunge()
    assert "no longer on the server" in try_again(root, large)
    assert not Ticket.objects.exists()


def try_again(root, mail: Mail) -> str:
    asked = {"action": "try_again", "_selected_action": mail.pk}
    page = root.post("/console/tickets/quarantine/", asked, follow=True, HTTP_ACCEPT_LANGUAGE="en")
    return page.content.decode()


@pytest.mark.parametrize(
    ("change", "broken_step", "words"),
    [
        ({}, "", ""),
        ({"password": "wrong"}, "sign_in", "refuses this user name or password"),
        ({"folder": "Nowhere"}, "folder", "no folder “Nowhere”"),
        ({"port": 9}, "line", "Nobody answers on this port"),
        ({"security": "tls"}, "line", "speaks no TLS"),
    ],
)
def test_the_test_button_says_what_is_wrong_in_words(server, account, change, broken_step, words):
    for name, value in change.items():
        setattr(account, name, value)
    lines = mailbox_tests.test_imap(account)
    assert [line.works for line in lines].count(False) == bool(broken_step)
    assert words in lines[-1].said
    assert not ImapAccount.objects.get(pk=account.pk).last_uid


def test_tls_wants_a_certificate_for_that_name(server, account, monkeypatch):
    account.host, account.port, account.security = "localhost", server.tls_port, "tls"
    assert "certificate is not accepted" in mailbox_tests.test_imap(account)[-1].said
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    assert all(line.works for line in mailbox_tests.test_imap(account))
    account.port, account.security = server.port, "starttls"
    assert all(line.works for line in mailbox_tests.test_imap(account))


def test_passwords_lie_encrypted_in_the_database(account):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM tickets_imapaccount")
        stored = cursor.fetchone()[0]
    assert dovecot.PASSWORD not in stored
    assert ImapAccount.objects.get().password == dovecot.PASSWORD


def test_without_a_fetcher_the_workers_look_every_minute(server, account, assistance):
    server.deliver(account.username, requests(2))
    other = Mailbox.objects.create(address="ventes@lumio.example", name="Ventes")
    ImapAccount.objects.create(
        mailbox=other, host="127.0.0.1", port=9, security="none", username="x"
    )
    assert tasks.poll() == 2
    assert "Nobody answers" in ImapAccount.objects.get(mailbox=other).error
    assert fetching.lease(account.pk, "fetcher")  # given back
    server.deliver(account.username, requests(1, 2))
    assert tasks.poll() == 0  # it is the fetcher's now


def test_batches_stay_below_their_bounds(monkeypatch):
    monkeypatch.setattr(fetch, "MAILS_AT_ONCE", 3)
    monkeypatch.setattr(fetch, "BYTES_AT_ONCE", 100)
    sizes = {1: 10, 2: 10, 3: 10, 4: 90, 5: 90, 6: 200}
    assert [list(batch) for batch in fetch._batches(sizes)] == [[1, 2, 3], [4], [5], [6]]


def test_what_a_killed_fetcher_stored_is_filed_before_what_came_later(server, account, monkeypatch):
    server.deliver(account.username, requests(1))

    def killed(stored):
        raise KeyboardInterrupt

    with monkeypatch.context() as fault:
        fault.setattr(receiving, "file_new", killed)
        with pytest.raises(KeyboardInterrupt):
            collect(account)
    assert Mail.objects.get().state == State.RECEIVED
    answer = letter(
        "reply", id="a0", to="x@x.example", headers="In-Reply-To: <r0@example.test>",
        **{"from": "ada@lenoir.example"},
    )  # fmt: skip
    server.deliver(account.username, [answer])
    assert collect(account) == 1
    assert Ticket.objects.count() == 1
    assert not Mail.objects.filter(state=State.RECEIVED).exists()


def test_a_mailbox_of_microsoft_or_google_is_opened_with_a_token(server, account, tokens):
    ImapAccount.objects.update(sign="google", password="", client_id="app", refresh_token="held")
    tokens.answer = (200, {"access_token": server.token(account.username)})
    server.deliver(account.username, requests(2))
    assert collect(account) == 2
    assert tokens.asked[0]["refresh_token"] == "held"
    tokens.answer = (200, {"access_token": server.token(account.username, lasts=-60)})
    account.refresh_from_db()
    lines = mailbox_tests.test_imap(account)
    assert [line.works for line in lines] == [True, True, False]
    assert "refuses" in lines[-1].said
