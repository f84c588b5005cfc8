"""Staff comes by invitation, behind two factors; customers come by themselves."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import resolve, reverse

from config import invitations
from config.demo import links
from crm import registry
from crm.models import User
from crm.services import roles
from tests import factories
from tests.doors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(monkeypatch):
    """What was handed to the notifier."""
    sent = []

    def notifier(address, template, context, language, key, interaction=None, unsubscribe_url=""):
        sent.append((address, template, context))

    monkeypatch.setattr(registry.notices, "_notifier", notifier)
    return sent


@pytest.fixture
def nora(mia, box_queue, outbox):
    """A new colleague whom Mia has just invited."""
    invitation = invitations.Invitation("nora@lumio.example", roles.AGENT, "Nora", (box_queue.pk,))
    return invitations.invite(invitation, by=mia, language="fr")


def join(client, url, **more):
    secret = re.search(r"<code>([A-Z2-7]{20,})</code>", client.get(url).content.decode())[1]
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    data = {"way": "password", "password": "un mot de passe solide", "code": code}
    return client.post(url, data | more)


def test_an_invitation_is_a_mail_and_a_closed_account(nora, outbox):
    assert not nora.is_active
    assert not nora.has_usable_password()
    [(address, template, context)] = outbox
    assert address == "nora@lumio.example"
    assert template == "accounts/mail/invitation"
    assert "/accounts/join/" in context["url"]
    assert nora.agent.queues.count() == 1


def test_behind_the_link_the_account_opens_with_its_second_factor(nora, client):
    answer = join(client, reverse("join", args=[invitations.token_for(nora)]))
    assert answer.status_code == 302
    nora.refresh_from_db()
    assert nora.is_active
    assert Authenticator.objects.filter(user=nora, type="totp").count() == 1
    assert client.get("/console/").status_code == 200


def test_who_joined_with_a_password_comes_back_with_it_and_the_app(nora, client):
    join(client, reverse("join", args=[invitations.token_for(nora)]))
    again = Client()
    door = reverse("account_login") + "?next=/console/"
    given = {"login": nora.email, "password": "un mot de passe solide", "next": "/console/"}
    wrong = again.post(door, given | {"password": "un autre mot de passe"})
    assert wrong.status_code == 200
    assert again.get("/console/").status_code == 302
    asked = again.post(door, given)
    assert resolve(asked.url.partition("?")[0]).url_name == "mfa_authenticate"
    assert again.get("/console/").status_code == 302, "half-way in is not in"
    secret = Authenticator.objects.get(user=nora, type="totp").wrap().instance.data["secret"]
    Authenticator.objects.filter(user=nora).update(last_used_at=None)
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    secret = get_adapter().decrypt(secret)
    code = totp.format_hotp_value(totp.hotp_value(secret, counter))
    cache.clear()  # a code opens once, and joining used it
    again.post(asked.url, {"code": code})
    assert again.get("/console/").status_code == 200


def test_who_leaves_stands_before_the_door_they_came_in_by(mia, ada_user, settings):
    left = signed_in(mia, second_factor=True).post("/accounts/logout/")
    assert left.url == reverse("account_login")
    host = settings.PORTAL_URL.partition("://")[2]
    left = signed_in(ada_user, second_factor=False).post("/accounts/logout/", HTTP_HOST=host)
    assert left.url == "/"


def test_the_portals_door_asks_for_no_password(client, settings):
    host = settings.PORTAL_URL.partition("://")[2]
    assert 'name="password"' not in client.get("/accounts/login/", HTTP_HOST=host).content.decode()


def test_the_first_administrator_is_invited_from_the_command_line(client, outbox, capsys):
    call_command("invite", "alex@lumio.example", first_name="Alex")
    address = capsys.readouterr().out.strip()
    assert outbox[0][0] == "alex@lumio.example"
    join(client, urlsplit(address).path)
    assert client.get("/console/").status_code == 200
    alex = User.objects.get(email="alex@lumio.example")
    assert alex.has_perm("crm.add_user")
    with pytest.raises(CommandError):
        call_command("invite", "alex@lumio.example", first_name="Alex")
    with pytest.raises(CommandError):
        call_command("invite", "nobody@", first_name="Nobody")


def test_a_wrong_code_opens_nothing(nora, client):
    answer = join(client, reverse("join", args=[invitations.token_for(nora)]), code="000000")
    assert answer.status_code == 200
    nora.refresh_from_db()
    assert not nora.is_active


def test_an_invitation_opens_once(nora, client):
    url = reverse("join", args=[invitations.token_for(nora)])
    join(client, url)
    assert Client().get(url).status_code == 410


def test_an_invitation_expires(nora, client, monkeypatch):
    url = reverse("join", args=[invitations.token_for(nora)])
    monkeypatch.setattr(invitations, "MAX_AGE", -1)
    assert client.get(url).status_code == 410


def test_inviting_again_ends_the_older_link(nora, mia, client, outbox):
    older = invitations.token_for(nora)
    invitation = invitations.Invitation("nora@lumio.example", roles.AGENT, "Nora")
    invitations.invite(invitation, by=mia, language="fr")
    assert client.get(reverse("join", args=[older])).status_code == 410


def test_mallory_cannot_forge_an_invitation(nora, client):
    token = invitations.token_for(nora)
    assert client.get(reverse("join", args=[token[:-3] + "abc"])).status_code == 410


def test_an_agent_cannot_invite(bea):
    assert (
        signed_in(bea.user, second_factor=True).get("/console/crm/user/invite/").status_code == 403
    )


def test_an_administrator_invites_from_the_console(mia, box_queue, outbox):
    from django.contrib.auth.models import Group

    mia.groups.set([Group.objects.get(name=roles.ADMINISTRATOR)])
    client = signed_in(mia, second_factor=True)
    data = {"email": "new@lumio.example", "first_name": "Nina", "role": "agent", "language": "fr"}
    answer = client.post("/console/crm/user/invite/", data)
    assert answer.status_code == 302
    assert [mail[0] for mail in outbox] == ["new@lumio.example"]


def test_no_code_is_mailed_to_staff_and_the_page_says_the_same(bea, ada, outbox):
    account = factories.UserFactory(email="ada@account.example")
    pages = []
    for email in (bea.user.email, account.email):
        client = Client()
        answer = client.post(reverse("account_request_login_code"), {"email": email})
        pages.append((answer.status_code, answer.get("Location")))
    assert pages[0] == pages[1]
    to_bea, to_ada = outbox
    assert not re.search(r"\b[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}\b", to_bea[2]["body"])
    assert "body" in to_ada[2]


def test_sign_up_makes_a_customer_never_staff(outbox, client):
    client.post(reverse("account_signup"), {"email": "new@customer.example", "is_staff": "1"})
    user = User.objects.get(email="new@customer.example")
    assert not user.is_staff
    assert not user.is_superuser


def test_staff_without_a_factor_is_led_to_make_one(mia):
    client = signed_in(mia, second_factor=False)
    answer = client.get("/console/")
    assert answer.status_code == 302
    assert answer["Location"] == reverse("mfa_index")


def test_after_a_first_passkey_customers_are_back_at_their_keys(mia, rf):
    for user, name in ((factories.UserFactory(), "mfa_index"), (mia, "mfa_view_recovery_codes")):
        view = resolve(reverse("mfa_add_webauthn")).func.view_class()
        view.request, view.did_generate_recovery_codes = rf.get("/"), True
        view.request.user = user
        assert view.get_success_url() == reverse(name)


def test_staff_whose_session_lacks_the_factor_is_asked_for_it(mia):
    totp.TOTP.activate(mia, totp.generate_totp_secret())
    client = signed_in(mia, second_factor=False)
    assert reverse("mfa_reauthenticate") in client.get("/console/")["Location"]
    assert client.get("/api/v1/customers/").status_code == 403


def test_a_session_opened_with_two_factors_works(mia):
    totp.TOTP.activate(mia, totp.generate_totp_secret())
    client = signed_in(mia, second_factor=False)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password"}, {"method": "mfa"}]
    session.save()
    assert client.get("/console/").status_code == 200
    assert client.get("/api/v1/customers/").status_code == 200


def test_the_demo_mark_counts_under_the_demo_only(mia, settings):
    client = signed_in(mia, second_factor=True)
    assert client.get("/console/").status_code == 200
    settings.DEMO = False
    assert client.get("/console/").status_code == 302
    assert client.get("/api/v1/customers/").status_code == 403


def test_the_demo_link_signs_its_person_in(bea, client):
    answer = client.get(links.link("agent"))
    assert answer.status_code == 302
    assert client.session["demo"] is True


def test_a_demo_link_is_for_its_role_only(mia, bea, client):
    manager = links.link("manager").replace("/agent/", "/manager/")
    assert client.get(manager.replace("/manager/", "/agent/", 1)).status_code == 404
