"""Senders whose mail is never, or always, read by people."""

from django.core.validators import validate_email
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock


def validate_sender(pattern: str) -> None:
    validate_email(f"anybody{pattern}" if pattern.startswith("@") else pattern)


class SenderRule(models.Model):
    """One address, or a whole domain written as `@example.com`."""

    class Action(models.TextChoices):
        BLOCK = "block", _("set aside as spam")
        ALLOW = "allow", _("let in, whatever the spam filter says")

    pattern = models.CharField(
        _("sender"),
        max_length=254,
        unique=True,
        validators=[validate_sender],
        help_text=_("An address, or @domain for everybody there; an address goes first."),
    )
    action = models.CharField(_("what happens"), max_length=5, choices=Action, default=Action.BLOCK)
    note = models.CharField(_("why"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), default=clock.now)

    class Meta:
        verbose_name = _("sender rule")
        verbose_name_plural = _("sender rules")
        ordering = ["pattern"]

    def __str__(self) -> str:
        return self.pattern

    def save(self, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]
        self.pattern = self.pattern.strip().lower()
        super().save(*args, **kwargs)

    def matches(self, address: str) -> bool:
        return address == self.pattern or (
            self.pattern.startswith("@") and address.endswith(self.pattern)
        )
