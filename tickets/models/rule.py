"""What becomes of a mailbox's new requests, by what their mail says."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import Queue, Subject
from crm.text import fold

from .mailbox import Mailbox


class MailRule(models.Model):
    """Some words and what follows from them. The first of a mailbox that fits holds, for mails
    that would open a request; answers on a known one stay where it is."""

    class Where(models.TextChoices):
        ANY = "any", _("anywhere in the mail")
        FROM = "from", _("sender")
        TO = "to", _("recipients")
        TITLE = "title", pgettext_lazy("mail", "subject")
        TEXT = "text", _("text")

    mailbox = models.ForeignKey(
        Mailbox, models.CASCADE, related_name="rules", verbose_name=_("mailbox")
    )
    position = models.PositiveSmallIntegerField(_("rank"), default=0)
    where = models.CharField(_("looks at"), max_length=5, choices=Where, default=Where.ANY)
    words = models.CharField(
        _("words"),
        max_length=300,
        help_text=_("Any one of them, with commas between; accents and capitals do not matter."),
    )
    subject = models.ForeignKey(
        Subject, models.SET_NULL, null=True, blank=True, verbose_name=_("subject")
    )
    queue = models.ForeignKey(
        Queue,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("queue"),
        help_text=_("Empty: the subject's, else the mailbox's."),
    )
    is_quiet = models.BooleanField(_("is not acknowledged"), default=False)
    sets_aside = models.BooleanField(
        _("opens no request"),
        default=False,
        help_text=_("The mail is set aside; it can be let in by hand."),
    )

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["mailbox", "position", "pk"]

    def __str__(self) -> str:
        return self.words

    def fits(self, said: dict[str, str]) -> bool:
        """`said`: by `Where`, the mail's texts, folded (crm.text.fold)."""
        texts = said.values() if self.where == self.Where.ANY else [said[self.where]]
        wanted = [word for each in self.words.split(",") if (word := fold(each).strip())]
        return any(word in text for word in wanted for text in texts)
