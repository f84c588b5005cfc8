"""Answers that are written once and used often, and how often they had to be changed."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from crm import clock

from .interaction import Interaction
from .queue import Queue

# what may stand in braces
VARIABLES = ("greeting", "name", "reference", "title", "subject", "queue", "agent")
_NAME = re.compile(r"\{(\w+)\}")


class ReplyTemplateQuerySet(models.QuerySet["ReplyTemplate"]):
    def valid(self, day: date) -> "ReplyTemplateQuerySet":
        begun = Q(valid_from=None) | Q(valid_from__lte=day)
        lasts = Q(valid_until=None) | Q(valid_until__gte=day)
        return self.filter(begun, lasts, is_active=True)


class ReplyTemplate(models.Model):
    """The words of an answer in each language; the agent makes the rest of it their own."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    shortcut = models.SlugField(
        _("shortcut"),
        max_length=30,
        blank=True,
        help_text=_("Typed after / at the desk, such as /box. Found by its name without one."),
    )
    queue = models.ForeignKey(
        Queue,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="templates",
        verbose_name=_("queue"),
        help_text=_("Empty: offered in every queue."),
    )
    text_fr = models.TextField(
        _("text (French)"),
        blank=True,
        help_text=_(
            "Markdown. {greeting}, {name}, {reference}, {title}, {subject}, {queue} and {agent} "
            "are filled in when it is used."
        ),
    )
    text_en = models.TextField(_("text (English)"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    valid_from = models.DateField(
        _("valid from"), null=True, blank=True, help_text=_("Not offered before. Empty: at once.")
    )
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The last day. Empty: for ever.")
    )

    objects = ReplyTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text_fr="") | ~Q(text_en=""), name="template_says_something"
            ),
            models.CheckConstraint(
                condition=Q(valid_from__lte=F("valid_until"))
                | Q(valid_from=None)
                | Q(valid_until=None),
                name="template_begins_before_its_end",
                violation_error_message=_("It ends before it begins."),
            ),
            models.UniqueConstraint(
                fields=["shortcut"],
                condition=~Q(shortcut=""),
                name="template_shortcut_once",
                violation_error_message=_("Another template has this shortcut."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not (self.text_fr or self.text_en):
            raise ValidationError(_("Write it in one language at least."))
        for name in ("text_fr", "text_en"):
            if wrong := unknown_variables(getattr(self, name)):
                raise ValidationError({name: wrong})

    def text(self, language: str) -> str:
        """In the customer's language; empty when it is not written in it."""
        return self.text_en if language.startswith("en") else self.text_fr


def unknown_variables(text: str) -> str:
    """Why a text is refused; empty when all it has in braces can be filled in."""
    unknown = [name for name in _NAME.findall(text) if name not in VARIABLES]
    if not unknown:
        return ""
    said = _now("Nothing can be filled in for %(names)s. Known: %(known)s.")
    return said % {
        "names": ", ".join(f"{{{name}}}" for name in unknown),
        "known": ", ".join(f"{{{name}}}" for name in VARIABLES),
    }


class ReplyUse(models.Model):
    """A template left in an answer. It names no agent: the words are measured, not people."""

    template = models.ForeignKey(ReplyTemplate, models.CASCADE, related_name="uses")
    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="+")
    client_id = models.CharField(max_length=64)
    edited = models.BooleanField()
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["interaction", "client_id"], name="reply_use_once")
        ]
        indexes = [models.Index(fields=["template", "-at"], name="reply_uses")]

    def __str__(self) -> str:
        return f"{self.template_id}: {self.at}"
