"""Colleagues come by invitation: a mail with a link, once, for three days; behind it they choose a
passkey, or a password and an authenticator app."""

import base64
from dataclasses import dataclass
from typing import Any, cast

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.forms import SignupWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import login, password_validation
from django.contrib.auth.models import Group
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from crm import registry
from crm.admin.pages import register_page
from crm.models import Agent, AgentSkill, Queue, User
from crm.services import roles

SALT = "bravo.invitation"
MAX_AGE = 3 * 24 * 3600


class InvitationGone(Exception):
    """Expired, used, or not ours."""


@dataclass(frozen=True)
class Invitation:
    email: str
    role: str
    first_name: str
    queues: tuple[int, ...] = ()


def token_for(user: User) -> str:
    """Bound to the state of the account: once the person has joined, it opens nothing."""
    return signing.dumps({"u": user.pk, "s": _stamp(user)}, salt=SALT)


def _stamp(user: User) -> str:
    return signing.Signer(salt=SALT).signature(
        f"{user.pk}|{user.email}|{user.password}|{user.is_active}"
    )


def invited(token: str) -> User:
    """Raises InvitationGone."""
    try:
        value = signing.loads(token, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        raise InvitationGone from None
    user = User.objects.filter(pk=value["u"], is_staff=True).first()
    if user is None or value["s"] != _stamp(user):
        raise InvitationGone
    return user


@transaction.atomic
def invite(invitation: Invitation, *, by: User | None, language: str) -> User:
    """Make the account, closed until its owner has set two factors, and mail the link; in the
    product's name where nobody is there yet to invite.

    Inviting the same address again sends a new link, unless that person has joined."""
    user, _made = User.objects.get_or_create(
        email=invitation.email.lower(),
        defaults={
            "first_name": invitation.first_name,
            "language": language,
            "is_staff": True,
            "is_active": False,
        },
    )
    if user.is_active:
        raise forms.ValidationError(_("This address belongs to somebody who has an account."))
    user.set_unusable_password()  # renews the stamp: older links end here
    user.save()
    user.groups.set([Group.objects.get(name=invitation.role)])
    _stand_behind(user, invitation)
    address = address_for(user)
    inviter = by.get_short_name() if by else settings.BRAND
    registry.notify(
        user.email,
        "accounts/mail/invitation",
        {"name": user.first_name, "inviter": inviter, "url": address, "days": 3},
        language,
        f"invitation:{user.pk}:{address[-17:]}",
    )
    return user


def address_for(user: User) -> str:
    """The link for somebody who was invited and has not joined."""
    return settings.CONSOLE_URL + reverse("join", args=[token_for(user)])


def _stand_behind(user: User, invitation: Invitation) -> None:
    if not invitation.queues:
        return
    agent, _made = Agent.objects.get_or_create(
        user=user,
        defaults={"display_name": user.first_name or user.email, "languages": [user.language]},
    )
    for queue in Queue.objects.filter(pk__in=invitation.queues):
        AgentSkill.objects.get_or_create(agent=agent, queue=queue)


class InviteForm(forms.Form):
    """What an administrator fills in."""

    email = forms.EmailField(label=gettext_lazy("Email"))
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=60)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    queues = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Queues"),
        queryset=Queue.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("With a queue, the person also gets an agent's profile."),
    )

    def __init__(self, *args: Any, may_give: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["role"]).choices = [(n, _(n)) for n in may_give]

    def invitation(self) -> Invitation:
        data = self.cleaned_data
        return Invitation(
            data["email"],
            data["role"],
            data["first_name"],
            tuple(queue.pk for queue in data["queues"]),
        )


class JoinForm(forms.Form):
    """A password and the first code of an authenticator app."""

    password = forms.CharField(
        label=gettext_lazy("A password of at least 12 characters"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    code = forms.CharField(
        label=gettext_lazy("The code your app shows"),
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )

    def __init__(self, *args: Any, user: User, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.secret = user, secret

    def clean_password(self) -> str:
        password_validation.validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].replace(" ", "")
        if not totp.validate_totp_code(self.secret, code):
            raise forms.ValidationError(_("That code is not the right one. It changes every 30 s."))
        return code


@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link. The account opens with its second factor, never before."""
    try:
        user = invited(token)
    except InvitationGone:
        return render(request, "accounts/join_gone.html", status=410)
    way = request.POST.get("way")
    form = JoinForm(
        request.POST if way == "password" else None,
        user=user,
        secret=totp.get_totp_secret(regenerate=request.method != "POST"),
    )
    passkey = SignupWebAuthnForm(request.POST if way == "passkey" else None, user=user)
    if way == "password" and form.is_valid():
        return _welcome(request, user, form=form)
    if way == "passkey" and passkey.is_valid():
        return _welcome(request, user, passkey=passkey)
    options = webauthn.begin_registration(user, passwordless=True)
    context = {
        "form": form,
        "passkey": passkey,
        "person": user,
        "qr": _qr(user, form.secret),
        "js_data": {"creation_options": options},
    }
    return render(request, "accounts/join.html", context)


def _qr(user: User, secret: str) -> str:
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(user, secret))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _welcome(
    request: HttpRequest, user: User, *, form: "JoinForm | None" = None, passkey: Any = None
) -> HttpResponse:
    """Open the account once: the row is locked and the link checked again."""
    with transaction.atomic():
        user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if user.is_active:
            return render(request, "accounts/join_gone.html", status=410)
        if form is not None:
            user.set_password(form.cleaned_data["password"])
            totp.TOTP.activate(user, form.secret)
        else:
            data = passkey.cleaned_data
            webauthn.WebAuthn.add(user, data["name"], data["credential"])
        user.is_active = True
        user.save()
        EmailAddress.objects.update_or_create(
            user=user, email=user.email, defaults={"verified": True, "primary": True}
        )
    login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
    record_authentication(request, user, "mfa", type="totp" if form else "webauthn")
    return redirect("admin:index")


def invite_page(request: HttpRequest) -> HttpResponse:
    """The console's page; whoever may add users may invite."""
    form = InviteForm(request.POST or None, may_give=list(roles.ROLES), initial={"language": "fr"})
    if request.method == "POST" and form.is_valid():
        try:
            user = invite(
                form.invitation(),
                by=cast(User, request.user),
                language=form.cleaned_data["language"],
            )
        except forms.ValidationError as error:
            form.add_error("email", error)
        else:
            messages.success(
                request, _("The invitation is on its way to %(email)s.") % {"email": user.email}
            )
            return redirect("admin:crm_user_invite")
    context = admin.site.each_context(request) | {"form": form, "title": _("Invite a colleague")}
    return render(request, "accounts/invite.html", context)


register_page(
    "crm/user/invite/",
    invite_page,
    "crm_user_invite",
    gettext_lazy("Invite a colleague"),
    icon="person_add",
    permission="crm.add_user",
    group="settings",
)
