"""What agents can do, and what queues ask for."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .bilingual import Bilingual
from .queue import Queue
from .team import Agent, Level


class Skill(Bilingual):
    """Something one can or cannot do: fibre faults, cancelling, sign language."""

    slug = models.SlugField(_("short name"), unique=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering = ["slug"]


class Ability(models.Model):
    """An agent has a skill, at a level: 1 learns, 2 knows, 3 helps others."""

    agent = models.ForeignKey(
        Agent, models.CASCADE, related_name="abilities", verbose_name=_("agent")
    )
    skill = models.ForeignKey(
        Skill, models.CASCADE, related_name="abilities", verbose_name=_("skill")
    )
    level = models.PositiveSmallIntegerField(_("level"), default=Level.KNOWS, choices=Level)

    class Meta:
        verbose_name = _("ability")
        verbose_name_plural = _("abilities")
        constraints = [models.UniqueConstraint(fields=["agent", "skill"], name="ability_once")]

    def __str__(self) -> str:
        return f"{self.agent} · {self.skill} {self.level}"


class Requirement(models.Model):
    """A queue is served only by those who have a skill at this level at least."""

    queue = models.ForeignKey(
        Queue, models.CASCADE, related_name="requirements", verbose_name=_("queue")
    )
    skill = models.ForeignKey(
        Skill, models.CASCADE, related_name="requirements", verbose_name=_("skill")
    )
    level = models.PositiveSmallIntegerField(
        _("level at least"), default=Level.LEARNS, choices=Level
    )

    class Meta:
        verbose_name = _("required skill")
        verbose_name_plural = _("required skills")
        constraints = [models.UniqueConstraint(fields=["queue", "skill"], name="requirement_once")]

    def __str__(self) -> str:
        return f"{self.queue} · {self.skill} {self.level}"
