"""What our mails are signed with (DKIM)."""

import base64
import re

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock

from .secret import SecretField

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_BITS = 2048


def new_key() -> str:
    return (
        rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


class SigningKey(models.Model):
    """The key of one domain that we send from. Its public half is a DNS record; the other never
    leaves the database."""

    domain = models.CharField(
        _("domain"),
        max_length=253,
        unique=True,
        validators=[
            RegexValidator(
                rf"^{_LABEL}(?:\.{_LABEL})+$",
                _("A domain name, as example.com."),
                flags=re.IGNORECASE,
            )
        ],
        help_text=_("What follows the @ in the sender's address: its mails are signed."),
    )
    selector = models.CharField(
        _("selector"),
        max_length=63,
        default="bravo",
        validators=[RegexValidator(rf"^{_LABEL}$", _("Letters, digits and hyphens."))],
        help_text=_("A name for this key within the domain; another program's key has another."),
    )
    private_key = SecretField(default=new_key, editable=False)
    is_active = models.BooleanField(
        _("in use"),
        default=False,
        help_text=_("When the record is published and checked, not before."),
    )
    created_at = models.DateTimeField(_("created"), default=clock.now, editable=False)

    class Meta:
        verbose_name = _("DKIM key")
        verbose_name_plural = _("DKIM keys")
        ordering = ["domain"]

    def __str__(self) -> str:
        return self.domain

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        self.domain = self.domain.lower()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.domain = self.domain.lower()
        if self.is_active and not self.private_key:
            raise ValidationError(
                _("The key cannot be read any more: delete it and make another one.")
            )

    @property
    def record_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record_value(self) -> str:
        """What to publish there, as TXT; empty when the key cannot be read."""
        if not self.private_key:
            return ""
        key = serialization.load_pem_private_key(self.private_key.encode(), None)
        public = key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"
