"""OAuth2: the owner consents in the browser, and what we hold stays good."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from tickets.mail import fetch
from tickets.models import ImapAccount
from tickets.services import fetching

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(assistance):
    return ImapAccount.objects.create(
        mailbox=assistance,
        host="outlook.office365.com",
        username="assistance@lumio.example",
        sign="microsoft",
        client_id="app",
        client_secret="secret",
        refresh_token="old",
    )


def test_the_owner_is_sent_to_consent_and_comes_back_with_a_code(account, tokens, root):
    client = root
    connect = client.get(reverse("admin:tickets_mailbox_connect", args=[account.mailbox_id]))
    asked = parse_qs(urlsplit(connect["Location"]).query)
    assert connect["Location"].startswith("https://login.microsoftonline.com/common/oauth2/v2.0/")
    assert asked["code_challenge_method"] == ["S256"]
    tokens.answer = (200, {"access_token": "a", "refresh_token": "new"})
    back = reverse("admin:tickets_mailbox_consented")
    answer = client.get(back, {"state": asked["state"][0], "code": "c"})
    assert answer.status_code == 302
    account.refresh_from_db()
    assert account.refresh_token == "new"
    assert tokens.asked[0]["code"] == "c"
    assert len(tokens.asked[0]["code_verifier"]) > 43
    # the same answer a second time, and one that nobody asked for
    assert client.get(back, {"state": asked["state"][0], "code": "c"}).status_code == 403


def test_an_answer_to_another_question_changes_nothing(account, tokens, root):
    client = root
    client.get(reverse("admin:tickets_mailbox_connect", args=[account.mailbox_id]))
    back = reverse("admin:tickets_mailbox_consented")
    assert client.get(back, {"state": "forged", "code": "c"}).status_code == 403
    account.refresh_from_db()
    assert (account.refresh_token, tokens.asked) == ("old", [])


def test_who_says_no_is_told_so(account, tokens, root):
    client = root
    connect = client.get(reverse("admin:tickets_mailbox_connect", args=[account.mailbox_id]))
    state = parse_qs(urlsplit(connect["Location"]).query)["state"][0]
    back = reverse("admin:tickets_mailbox_consented")
    page = client.get(back, {"state": state, "error": "access_denied"}, follow=True)
    assert "access_denied" in page.content.decode()


def test_a_token_that_is_replaced_is_kept(account, tokens):
    tokens.answer = (200, {"access_token": "a", "refresh_token": "newer"})
    server = fetching.server_of(account)
    assert fetch.access_token(server) == "a"
    assert tokens.asked[0]["refresh_token"] == "old"
    account.refresh_from_db()
    assert account.refresh_token == "newer"
    assert fetching.server_of(account) != server  # a line opened with the old one is opened anew


def test_a_consent_that_ended_is_said_in_words_and_no_secret_is(account, tokens):
    tokens.answer = (400, {"error": "invalid_grant"})
    server = fetching.server_of(account)
    with pytest.raises(fetch.SignInRefused, match="invalid_grant"):
        fetch.access_token(server)
    assert "secret" not in repr(server)
    assert "old" not in repr(server)


def test_only_who_may_change_mailboxes_connects_them(account, enter, bea):
    connect = reverse("admin:tickets_mailbox_connect", args=[account.mailbox_id])
    assert enter(bea.user).get(connect).status_code == 403
