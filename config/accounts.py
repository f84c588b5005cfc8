"""How people sign in, and how allauth's mails leave: through the outbox."""

import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language

from config.context import is_for_staff
from crm import registry
from crm.models import Customer, Identity, User
from crm.services import customers
from crm.services.access import is_staff

CODE_MAIL = "account/email/login_code"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up makes customers, never staff; a mailed code never opens a staff session."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Rendered by allauth's templates, stored in the outbox with the caller's transaction."""
        if template_prefix == CODE_MAIL and _belongs_to_staff(email):
            # the page said "sent" as for everybody; the mail says what works instead
            template_prefix = "accounts/mail/no_code_for_staff"
        context = {"request": self.request, "email": email, "current_site": _Site(), **context}
        mail = self.render_mail(template_prefix, email, context)
        digest = hashlib.sha256(f"{mail.subject}{mail.body}".encode()).hexdigest()[:32]
        registry.notify(
            email,
            "accounts/mail/plain",
            {"subject": mail.subject, "body": mail.body},
            get_language() or settings.LANGUAGE_CODE,
            f"account:{email}:{digest}",
        )

    def format_email_subject(self, subject: str) -> str:
        return subject

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.is_staff = user.is_superuser = False
        user.language = (get_language() or settings.LANGUAGE_CODE)[:2]
        return super().save_user(request, user, form, commit)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A proven address is the customer's identity: their account opens their own requests."""
        confirmed = super().confirm_email(request, email_address)
        if confirmed and not email_address.user.is_staff:
            link_customer(email_address.user, email_address.email)
        return confirmed

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        methods = {record.get("method") for record in get_authentication_records(request)}
        if user.is_staff and methods and methods <= {"code"}:
            return HttpResponseRedirect(reverse("account_login"))
        return super().pre_login(request, user, **kwargs)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """The door they came in by."""
        return reverse("account_login") if is_for_staff(request) else "/"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if is_staff(request.user):
            return reverse("admin:index")
        return "/"


class _Site:
    """What allauth's mails read of django.contrib.sites, which we do not use."""

    name = settings.BRAND
    domain = settings.PORTAL_URL.partition("://")[2]


def _belongs_to_staff(email: str) -> bool:
    return User.objects.filter(email=email.lower(), is_staff=True).exists()


@transaction.atomic
def link_customer(user: User, email: str) -> Customer:
    """Give the account its customer record; another account's record is left alone."""
    customer = customers.identify(
        Identity.Kind.MAIL, email, verified_by="account", source="account", language=user.language
    )
    customer = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
    if customer.user_id is None and not Customer.objects.filter(user=user).exists():
        customer.user = user
        customer.save(update_fields=["user"])
    return customer
