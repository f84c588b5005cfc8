"""Answers that are written once and used often."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .queue import Queue


class ReplyTemplate(models.Model):
    """The words of an answer in each language; the agent makes the rest of it their own."""

    name = models.CharField(_("name"), max_length=80, unique=True)
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
            "Markdown. {name}, {reference}, {title} and {agent} are filled in when it is used."
        ),
    )
    text_en = models.TextField(_("text (English)"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text_fr="") | ~Q(text_en=""), name="template_says_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if not (self.text_fr or self.text_en):
            raise ValidationError(_("Write it in one language at least."))

    def text(self, language: str) -> str:
        """In the customer's language; empty when it is not written in it."""
        return self.text_en if language.startswith("en") else self.text_fr
