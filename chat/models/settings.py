"""What a queue wants of its chats."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Queue


class QueueSettings(models.Model):
    """A queue's own patience with silence; what is empty is the site's."""

    queue = models.OneToOneField(
        Queue,
        models.CASCADE,
        primary_key=True,
        related_name="chat_settings",
        verbose_name=_("queue"),
    )
    remind_minutes = models.PositiveSmallIntegerField(
        _("minutes until a reminder"),
        null=True,
        blank=True,
        help_text=_("The customer says nothing for so long: we ask. Empty: as the site; 0: never."),
    )
    silent_minutes = models.PositiveSmallIntegerField(
        _("minutes from the reminder to closing"),
        null=True,
        blank=True,
        help_text=_("The chat closes then; writing again opens it. Empty: as the site; 0: never."),
    )

    class Meta:
        verbose_name = _("chat settings of a queue")
        verbose_name_plural = _("chat settings of queues")

    def __str__(self) -> str:
        return str(self.queue)
