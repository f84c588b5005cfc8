"""Who signs in, who answers, and which queues they stand behind."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock

from .queue import Queue


class UserManager(BaseUserManager["User"]):
    """E-mail is the login; it is kept folded to lower case, so that it is unique in every case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """Whoever signs in: staff, and customers who opened a portal account."""

    email = models.EmailField(_("email"), unique=True)
    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=5, default="fr")
    is_staff = models.BooleanField(_("works here"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=clock.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["email"]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email


class Team(models.Model):
    """People who work together, in one place."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    place = models.CharField(_("site"), max_length=80, blank=True)
    pause_quota = models.PositiveSmallIntegerField(
        _("on a break at once"),
        null=True,
        blank=True,
        help_text=_("Who asks for a break beyond this number gets a place in line. Empty: free."),
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """The profile of a user who answers: what customers see of them, and how much they can hold."""

    user = models.OneToOneField(User, models.PROTECT, related_name="agent", verbose_name=_("user"))
    display_name = models.CharField(_("first name shown to customers"), max_length=60)
    picture = models.CharField(
        _("picture"), max_length=120, blank=True, help_text=_("Static path or media URL.")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="agents", verbose_name=_("team")
    )
    queues = models.ManyToManyField(
        Queue, through="AgentSkill", related_name="agents", verbose_name=_("queues")
    )
    languages = models.JSONField(
        _("languages"), default=list, help_text=_("The first one is spoken best.")
    )
    chat_places = models.PositiveSmallIntegerField(
        _("chats at once"), default=3, validators=[MaxValueValidator(20)]
    )
    is_simulated = models.BooleanField(_("simulated"), default=False, editable=False)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        ordering = ["display_name", "pk"]

    def __str__(self) -> str:
        return self.display_name


class Level(models.IntegerChoices):
    """How well somebody does something."""

    LEARNS = 1, _("1 · learns")
    KNOWS = 2, _("2 · knows")
    HELPS = 3, _("3 · helps others")


class AgentSkill(models.Model):
    """An agent stands behind a queue, with a level."""

    agent = models.ForeignKey(Agent, models.CASCADE, related_name="skills", verbose_name=_("agent"))
    queue = models.ForeignKey(Queue, models.CASCADE, related_name="skills", verbose_name=_("queue"))
    level = models.PositiveSmallIntegerField(
        _("level"),
        default=Level.KNOWS,
        choices=Level,
        help_text=_("Who knows more is asked first."),
    )
    # follows the queue's teams: made and taken away with them
    by_team = models.BooleanField(_("by the team"), default=False, editable=False)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        constraints = [models.UniqueConstraint(fields=["agent", "queue"], name="skill_once")]

    def __str__(self) -> str:
        return f"{self.agent} · {self.queue}"


class Heartbeat(models.Model):
    """When an agent's screens were last heard of (real time). A table of its own: it is written
    every few seconds and must lock nothing that routing locks."""

    agent = models.OneToOneField(Agent, models.CASCADE, primary_key=True, related_name="heartbeat")
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return f"{self.agent_id} {self.seen_at}"


class Plan(models.Model):
    """Seats planned for a queue in one half hour, by hand or seeded."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="plans")
    starts_at = models.DateTimeField(_("half hour"))
    seats = models.PositiveSmallIntegerField(_("seats"), default=0)

    class Meta:
        verbose_name = _("planned seats")
        verbose_name_plural = _("planned seats")
        ordering = ["starts_at"]
        constraints = [models.UniqueConstraint(fields=["queue", "starts_at"], name="plan_once")]

    def __str__(self) -> str:
        return f"{self.queue} {self.starts_at:%d/%m %H:%M}: {self.seats}"
