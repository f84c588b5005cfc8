"""Abuse, distress, suspected fraud: what was declared, and what is said and done then."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .interaction import Interaction
from .team import Agent, User


class Hard(models.TextChoices):
    ABUSE = "abuse", _("abusive")
    DISTRESS = "distress", _("distress or danger")
    FRAUD = "fraud", _("fraud suspected")


class HardMoment(models.Model):
    """One of these in an exchange, declared by whoever had it; a lead lifts it again."""

    interaction = models.ForeignKey(
        Interaction, models.CASCADE, related_name="hard_moments", verbose_name=_("exchange")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Hard)
    agent = models.ForeignKey(
        Agent, models.SET_NULL, null=True, related_name="+", verbose_name=_("declared by")
    )
    at = models.DateTimeField(_("when"), default=clock.now)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("lifted by")
    )

    class Meta:
        verbose_name = _("hard moment")
        verbose_name_plural = _("hard moments")
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["interaction", "kind"],
                condition=Q(lifted_at=None),
                name="hard_moment_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.interaction} · {self.get_kind_display()}"


class HardSheet(models.Model):
    """The words for one kind in one country: what the customer reads, and what the agent does."""

    kind = models.CharField(_("kind"), max_length=8, choices=Hard)
    country = models.CharField(
        _("country"),
        max_length=2,
        default="FR",
        help_text=_("Two letters, such as FR: where the customer's number is from."),
    )
    said_fr = models.TextField(
        _("what the customer reads (French)"), blank=True, help_text=_("Empty: nothing is sent.")
    )
    said_en = models.TextField(_("what the customer reads (English)"), blank=True)
    sheet_fr = models.TextField(
        _("what the agent does (French)"), help_text=_("One step a line: numbers, what to say.")
    )
    sheet_en = models.TextField(_("what the agent does (English)"), blank=True)

    class Meta:
        verbose_name = _("sheet for hard moments")
        verbose_name_plural = _("sheets for hard moments")
        ordering = ["kind", "country"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "country"], name="hard_sheet_once"),
            models.CheckConstraint(
                condition=Q(country__regex="^[A-Z]{2}$"),
                name="hard_sheet_country",
                violation_error_message=_("Write two capital letters, such as FR."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.country}"

    def said(self, language: str) -> str:
        return (self.said_en or self.said_fr) if language.startswith("en") else self.said_fr

    def sheet(self, language: str) -> str:
        return (self.sheet_en or self.sheet_fr) if language.startswith("en") else self.sheet_fr
