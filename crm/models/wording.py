"""How we write: hints while an agent writes, and the short list of what does not leave."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .queue import Queue


class ToneGuide(models.Model):
    """What the desk looks at while somebody writes from a queue. It hints and never blocks, and
    nothing of it is sent or kept."""

    queue = models.OneToOneField(
        Queue, models.CASCADE, related_name="tone", verbose_name=_("queue")
    )
    greeting = models.BooleanField(
        _("begins with a greeting"),
        default=True,
        help_text=_("In a letter, and in the first line of a chat."),
    )
    name = models.BooleanField(
        _("names the customer"), default=True, help_text=_("Where a greeting is looked for.")
    )
    formal = models.BooleanField(_("“vous”, not “tu”"), default=True)
    capitals = models.BooleanField(_("no words in capitals"), default=True)
    most_exclamations = models.PositiveSmallIntegerField(
        _("exclamation marks at most"), null=True, blank=True, default=1,
        help_text=_("Empty: any number."),
    )  # fmt: skip
    most_words = models.PositiveSmallIntegerField(
        _("words in a sentence at most"), null=True, blank=True, default=30,
        help_text=_("Empty: any number."),
    )  # fmt: skip
    closing = models.BooleanField(
        _("ends with a closing"), default=True, help_text=_("In a letter.")
    )
    closing_fr = models.CharField(
        _("closing (French)"), max_length=120, blank=True, default="Bonne journée à vous.",
        help_text=_("The example that the hint gives."),
    )  # fmt: skip
    closing_en = models.CharField(
        _("closing (English)"), max_length=120, blank=True, default="Have a good day."
    )

    class Meta:
        verbose_name = _("tone guide")
        verbose_name_plural = _("tone guides")
        ordering = ["queue__position", "pk"]

    def __str__(self) -> str:
        return str(self.queue)


class StopRule(models.Model):
    """What does not leave: an agent's words with it are given back to them, and what others write
    is masked before it is stored."""

    class Kind(models.TextChoices):
        WORDS = "words", _("these words")
        SECRETS = "secrets", _("what follows these words")  # "password: …"
        CARDS = "cards", _("payment card numbers")

    name = models.CharField(_("name"), max_length=80, unique=True)
    kind = models.CharField(_("what is looked for"), max_length=8, choices=Kind)
    words = models.TextField(
        _("words"),
        blank=True,
        max_length=10_000,
        help_text=_(
            "One a line, in any language; case and accents do not matter. A * at the end stands "
            "for any ending."
        ),
    )
    advice_fr = models.CharField(_("what the agent reads (French)"), max_length=200, blank=True)
    advice_en = models.CharField(_("what the agent reads (English)"), max_length=200, blank=True)
    stops = models.BooleanField(
        _("does not leave"),
        default=True,
        help_text=_("An agent's answer with it is not sent: it is in the field again."),
    )
    masks = models.BooleanField(
        _("is masked"),
        default=True,
        help_text=_(
            "In what customers write in a chat and in internal notes, before it is stored. Card "
            "numbers are masked in any case."
        ),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("stop rule")
        verbose_name_plural = _("stop list")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="cards") | ~Q(words=""), name="stop_rule_has_words"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.kind != self.Kind.CARDS and not self.lines():
            raise ValidationError({"words": _("Write one word at least.")})

    def lines(self) -> list[str]:
        return [line.strip() for line in self.words.splitlines() if line.strip(" *")]

    def advice(self, language: str) -> str:
        """In their language, else in the other one."""
        first, second = self.advice_fr, self.advice_en
        return (second or first) if language.startswith("en") else (first or second)
