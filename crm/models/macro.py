"""Several steps at once: an answer, a note, a subject, and what becomes of the exchange."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .interaction import Interaction
from .queue import Queue
from .subject import Subject
from .template import ReplyTemplate


class Macro(models.Model):
    """What an agent does by one choice; the steps are done in the order of the fields."""

    class Then(models.TextChoices):
        STAY = "", _("nothing more")
        WAIT = "wait", _("wait for the customer")
        SNOOZE = "snooze", _("set aside")
        TRANSFER = "transfer", _("hand on to a queue")
        CLOSE = "close", _("close")

    name = models.CharField(_("name"), max_length=80, unique=True)
    queue = models.ForeignKey(
        Queue,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="macros",
        verbose_name=_("queue"),
        help_text=_("Empty: offered in every queue."),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    reply = models.ForeignKey(
        ReplyTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="macros",
        verbose_name=_("answer with"),
        help_text=_("Sent as it is, so the macro is offered only where it is written."),
    )
    note = models.TextField(_("internal note"), blank=True, max_length=5000)
    subject = models.ForeignKey(
        Subject,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("real subject"),
    )
    nature = models.CharField(_("nature"), max_length=12, blank=True, choices=Interaction.Nature)
    then = models.CharField(_("and then"), max_length=8, choices=Then, blank=True)
    to_queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handed on to"),
    )
    snooze_hours = models.PositiveSmallIntegerField(_("set aside for hours"), null=True, blank=True)
    # a promise is no macro's: what happens next, and by when, is each time another
    outcome = models.CharField(
        _("outcome"),
        max_length=10,
        blank=True,
        choices=[one for one in Interaction.Outcome.choices
                 if one[0] in ("solved", "informed", "order", "silent", "cancelled")],
    )  # fmt: skip

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(then="transfer") ^ Q(to_queue=None))
                & (Q(then="snooze") ^ Q(snooze_hours=None))
                & (Q(then="close") ^ Q(outcome="")),
                name="macro_knows_what_then",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Only what belongs to the last step is kept."""
        if self.nature == Interaction.Nature.COMPLAINT:
            raise ValidationError({"nature": _("A complaint is opened by its own button.")})
        for then, name in (
            (self.Then.TRANSFER, "to_queue"),
            (self.Then.SNOOZE, "snooze_hours"),
            (self.Then.CLOSE, "outcome"),
        ):
            if self.then != then:
                setattr(self, name, "" if name == "outcome" else None)
            elif not getattr(self, name):
                raise ValidationError({name: _("This step needs it.")})
        if not (self.reply_id or self.note or self.subject_id or self.nature or self.then):
            raise ValidationError(_("Choose one step at least."))
