"""Complaints: a nature with rules of its own, and where a refused customer may go next."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .interaction import Interaction
from .team import Agent


class Complaint(models.Model):
    """What makes an interaction a complaint. It exists if and only if the nature says so."""

    class Level(models.IntegerChoices):
        FIRST = 1, _("level 1")
        SECOND = 2, _("level 2")
        MEDIATOR = 3, _("mediator")

    interaction = models.OneToOneField(
        Interaction, models.CASCADE, primary_key=True, related_name="complaint"
    )
    level = models.PositiveSmallIntegerField(_("level"), choices=Level, default=Level.FIRST)
    opened_at = models.DateTimeField(_("received on"))
    level_since = models.DateTimeField(_("on this level since"))
    owner = models.ForeignKey(
        Agent, models.SET_NULL, null=True, blank=True, related_name="complaints",
        verbose_name=_("owner"),
    )  # fmt: skip
    founded = models.BooleanField(_("founded"), null=True, blank=True)  # null: not yet said

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=3), name="complaint_level_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.interaction_id} · {self.get_level_display()}"


class Recourse(models.Model):
    """Where customers of a brand may turn to when a complaint is refused: the next level, and the
    mediator. Refusals carry it."""

    brand = models.CharField(_("brand"), max_length=80, unique=True)
    second_level_fr = models.TextField(
        _("second level (French)"),
        help_text=_("Whom to write to, as customers read it: name, address, within which time."),
    )
    second_level_en = models.TextField(_("second level (English)"), blank=True)
    mediator_fr = models.TextField(
        _("mediator (French)"), help_text=_("Name, address and site of the mediator.")
    )
    mediator_en = models.TextField(_("mediator (English)"), blank=True)

    class Meta:
        verbose_name = _("recourse")
        verbose_name_plural = _("recourses")
        ordering = ["brand"]

    def __str__(self) -> str:
        return self.brand

    def clean(self) -> None:
        if not (self.second_level_fr.strip() and self.mediator_fr.strip()):
            raise ValidationError(_("A refusal must name the next level and the mediator."))

    def second_level(self, language: str) -> str:
        return (self.second_level_en if language.startswith("en") else "") or self.second_level_fr

    def mediator(self, language: str) -> str:
        return (self.mediator_en if language.startswith("en") else "") or self.mediator_fr
