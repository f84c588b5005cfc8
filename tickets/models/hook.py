"""A provider that takes a mailbox's mail in and posts it to us."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from .mailbox import Mailbox
from .secret import SecretField

# who sign what they post always, and whose files are fetched with a key of ours
WITH_KEY = ("brevo", "mailersend", "mailgun", "mandrill", "postal")


class Hook(models.Model):
    """The webhook of one mailbox. Its address holds a password; who signs, signs as well."""

    class Provider(models.TextChoices):
        MAILGUN = "mailgun", "Mailgun"
        POSTMARK = "postmark", "Postmark"
        SENDGRID = "sendgrid", "SendGrid"
        BREVO = "brevo", "Brevo"
        MAILJET = "mailjet", "Mailjet"
        MAILERSEND = "mailersend", "MailerSend"
        MANDRILL = "mandrill", "Mandrill (Mailchimp)"
        SPARKPOST = "sparkpost", "SparkPost"
        POSTAL = "postal", "Postal"

    mailbox = models.OneToOneField(
        Mailbox, models.CASCADE, related_name="hook", verbose_name=_("mailbox")
    )
    provider = models.CharField(_("provider"), max_length=12, choices=Provider)
    key = SecretField(
        _("key"),
        blank=True,
        help_text=_(
            "Mailgun: the HTTP webhook signing key. MailerSend: the inbound secret. Mandrill: the "
            "webhook key. Postal: the public key. Brevo: an API key, with which files are fetched. "
            "Others need none."
        ),
    )
    password_number = models.PositiveIntegerField(default=1, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    posted_at = models.DateTimeField(_("last post"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        constraints = [
            models.CheckConstraint(
                condition=~Q(provider__in=WITH_KEY) | ~Q(key=""), name="hook_proves_itself"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} · {self.mailbox}"

    @property
    def passwords(self) -> list[str]:
        """Made of the installation's keys, so that no copy of the database holds them. The first
        is shown; those of keys that were in use before still open."""
        scope = f"{self.pk}:{self.password_number}"
        return [
            salted_hmac("tickets.hook", scope, secret=key, algorithm="sha256").hexdigest()[:32]
            for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        ]

    @property
    def address(self) -> str:
        """What is given to the provider."""
        scheme, _slashes, host = settings.PORTAL_URL.partition("://")
        path = reverse("tickets:hook", args=[self.mailbox_id, self.provider])
        return f"{scheme}://bravo:{self.passwords[0]}@{host.rstrip('/')}{path}"
