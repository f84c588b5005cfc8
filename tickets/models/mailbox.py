"""The addresses we answer under."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Queue


class Mailbox(models.Model):
    """One address of ours: what arrives there, and how answers from there look."""

    address = models.EmailField(
        _("address"), unique=True, help_text=_("Replies come to address+token@domain as well.")
    )
    name = models.CharField(_("name"), max_length=80)
    from_name = models.CharField(
        _("name shown to customers"), max_length=80, blank=True, help_text=_("Empty: the name.")
    )
    from_address = models.EmailField(
        _("from address"),
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "What customers see as the sender, where it is another one; your server must be "
            "allowed to send it. Their answers still come to the address above."
        ),
    )
    queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mailboxes",
        verbose_name=_("queue"),
    )
    language = models.CharField(_("language"), max_length=5, default="fr")
    signature_fr = models.TextField(_("signature (French)"), blank=True)
    signature_en = models.TextField(_("signature (English)"), blank=True)
    # lists and newsletters are robots unless the mailbox is itself a member of a list
    takes_lists = models.BooleanField(_("mail of lists opens requests"), default=False)
    receiving_server = models.CharField(
        _("receiving server"),
        max_length=253,
        blank=True,
        help_text=_(
            "The name that your receiving server writes first in “Authentication-Results” "
            "(for example mx.google.com). Only its findings on SPF, DKIM and DMARC are believed; "
            "without it nobody's are, and colleagues' own mail programs are not recognised."
        ),
    )
    per_minute = models.PositiveIntegerField(
        _("mails a minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "As many as the provider takes from this address; what is more waits for the next "
            "minute. Empty: as fast as they come."
        ),
    )
    # the minute that is counted, and how many have left in it (tickets/services/pace.py); real time
    minute = models.DateTimeField(null=True, blank=True, editable=False)
    in_minute = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        self.address = self.address.strip().lower()
        self.from_address = self.from_address.strip().lower()
        super().save(*args, **kwargs)

    @property
    def shown_name(self) -> str:
        return self.from_name or self.name

    @property
    def sender(self) -> str:
        return self.from_address or self.address

    def signature(self, language: str) -> str:
        return (self.signature_en if language.startswith("en") else "") or self.signature_fr
