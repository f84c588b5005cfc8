"""What was said and done in an exchange, and the files that came with it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .interaction import Interaction
from .team import Agent


class Message(models.Model):
    """One thing said or done inside an interaction. Its id is its place in the conversation
    (given under the interaction's lock); the two numbers are the audiences' change cursors."""

    class Kind(models.TextChoices):
        TEXT = "text", _("text")
        NOTE = "note", _("internal note")  # staff only
        EVENT = "event", _("event")  # "assigned to Bea": body = {"event": …, …}
        CARD = "card", _("card")  # body = {"card": name, "url": …, …}

    class Author(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        AGENT = "agent", _("agent")
        SYSTEM = "system", _("system")

    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="messages")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TEXT)
    author = models.CharField(_("author"), max_length=8, choices=Author)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="messages")
    text = models.TextField(_("text"), blank=True)
    body = models.JSONField(default=dict, blank=True)
    # made by whoever sent it, so that a resent line is stored once
    client_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001 (unique)
    staff_seq = models.PositiveIntegerField()
    customer_seq = models.PositiveIntegerField(null=True, blank=True)  # null: not for them
    created_at = models.DateTimeField(_("said"))
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["interaction", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["interaction", "staff_seq"], name="message_staff_seq"),
            models.UniqueConstraint(
                fields=["interaction", "client_id"], name="message_client_id_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["interaction", "customer_seq"],
                condition=Q(customer_seq__isnull=False),
                name="message_customer_seq",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60] or self.kind


def _attachment_path(attachment: "Attachment", name: str) -> str:
    return f"attachments/{attachment.sha256[:2]}/{attachment.sha256}"


class Attachment(models.Model):
    """A file of a message, stored by its content."""

    class Scan(models.TextChoices):
        NONE = "", _("not scanned")  # no scanner is configured
        PENDING = "pending", _("being checked for viruses")
        CLEAN = "clean", _("no virus found")
        INFECTED = "infected", _("infected: not given out")

    message = models.ForeignKey(Message, models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to=_attachment_path)
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    inline_id = models.CharField(max_length=200, blank=True)  # Content-ID of a mail's picture
    scan = models.CharField(
        _("virus scan"), max_length=8, choices=Scan, default=Scan.NONE, blank=True, db_default=""
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [
            models.Index(fields=["id"], condition=Q(scan="pending"), name="files_to_scan"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may_go(self) -> bool:
        """Whether anybody may be given it."""
        return self.scan not in (self.Scan.PENDING, self.Scan.INFECTED)
