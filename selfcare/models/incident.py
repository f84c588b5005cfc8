"""A known incident: what customers read meanwhile, who waits for its end, and the one answer."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Customer, Interaction, Subject, Visit

# between "send" and the first copy: long enough to see that it was the wrong text
TIME_TO_UNDO = timedelta(seconds=60)


class IncidentQuerySet(models.QuerySet["Incident"]):
    """The words in which everybody asks for incidents."""

    def open(self) -> "IncidentQuerySet":
        return self.filter(ended_at=None)


class Incident(models.Model):
    """Something is broken for many at once, and we know it."""

    title_fr = models.CharField(_("title (French)"), max_length=160)
    title_en = models.CharField(_("title (English)"), max_length=160, blank=True)
    text_fr = models.TextField(
        _("what customers read (French)"),
        help_text=_(
            "Two or three sentences: what does not work, what we do, what helps meanwhile."
        ),
    )
    text_en = models.TextField(
        _("what customers read (English)"), blank=True, help_text=_("Empty: the French text.")
    )
    area_fr = models.CharField(
        _("area (French)"), max_length=120, blank=True, help_text=_("Empty: everywhere.")
    )
    area_en = models.CharField(_("area (English)"), max_length=120, blank=True)
    towns = models.JSONField(
        _("towns"),
        default=list,
        blank=True,
        help_text=_("Exchanges of customers who live elsewhere are not proposed; []: all are."),
    )
    subjects = models.ManyToManyField(Subject, related_name="incidents", verbose_name=_("subjects"))
    since = models.DateTimeField(_("since"), default=clock.now)
    expected_until = models.DateTimeField(_("expected until"), null=True, blank=True)
    next_news_at = models.DateTimeField(
        _("next news at"),
        null=True,
        blank=True,
        help_text=_("Once it is past, customers read that news are late: keep it true."),
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    updated_at = models.DateTimeField(_("changed"), default=clock.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("opened by"),
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("since")),
                name="incident_runs_forward",
            ),
        ]
        indexes = [
            models.Index(fields=["since"], condition=Q(ended_at=None), name="incident_open"),
        ]

    def __str__(self) -> str:
        return self.title

    def _in(self, name: str, language: str) -> str:
        english = language.startswith("en")
        return (getattr(self, f"{name}_en") if english else "") or getattr(self, f"{name}_fr")

    def title_in(self, language: str) -> str:
        return self._in("title", language)

    def text_in(self, language: str) -> str:
        return self._in("text", language)

    @property
    def title(self) -> str:
        return self._in("title", get_language() or "fr")

    @property
    def text(self) -> str:
        return self._in("text", get_language() or "fr")

    @property
    def area(self) -> str:
        return self._in("area", get_language() or "fr")

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


class IncidentWatcher(models.Model):
    """Somebody who asked to be told when it is over, instead of queueing."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="watchers")
    mail = models.EmailField(_("email"))
    language = models.CharField(_("language"), max_length=5, default="fr")
    visit = models.ForeignKey(Visit, models.SET_NULL, null=True, blank=True, related_name="+")
    customer = models.ForeignKey(
        Customer, models.CASCADE, null=True, blank=True, related_name="watched_incidents"
    )
    asked_at = models.DateTimeField(_("asked"), default=clock.now)
    told_at = models.DateTimeField(_("told"), null=True, blank=True)

    class Meta:
        verbose_name = _("person to tell")
        verbose_name_plural = _("people to tell")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "mail"], name="watcher_once"),
        ]
        indexes = [
            models.Index(fields=["incident"], condition=Q(told_at=None), name="watcher_waiting"),
        ]

    def __str__(self) -> str:
        return self.mail


class IncidentLink(models.Model):
    """Whether one exchange is about one incident: proposed by us, decided by a colleague."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")  # subject and area fit
        ATTACHED = "attached", _("attached")  # gets the answer to all
        REFUSED = "refused", _("not about it")

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="links")
    interaction = models.ForeignKey(
        Interaction, models.CASCADE, related_name="incident_links", verbose_name=_("interaction")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(_("when"), default=clock.now)

    class Meta:
        verbose_name = _("exchange of an incident")
        verbose_name_plural = _("exchanges of an incident")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "interaction"], name="incident_link_once"),
            models.UniqueConstraint(
                fields=["interaction"],
                condition=Q(state="attached"),
                name="attached_to_one_incident",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.interaction_id}"


class IncidentAnswer(models.Model):
    """One text for everybody attached: sent at a pace, taken back until it begins."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="answers")
    text_fr = models.TextField(_("text (French)"))
    text_en = models.TextField(_("text (English)"), blank=True)
    closes = models.BooleanField(_("the incident is over"), default=False)
    per_minute = models.PositiveSmallIntegerField(_("a minute"), default=60)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(_("written"), default=clock.now)
    begins_at = models.DateTimeField(_("begins"))
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("answer to all")
        verbose_name_plural = _("answers to all")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident"],
                condition=Q(stopped_at=None, finished_at=None),
                name="one_answer_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.made_at:%d/%m %H:%M}"

    def text_in(self, language: str) -> str:
        return (self.text_en if language.startswith("en") else "") or self.text_fr

    @property
    def is_under_way(self) -> bool:
        return self.stopped_at is None and self.finished_at is None


class IncidentDelivery(models.Model):
    """One exchange of an answer to all: made with it, so that the preview is what goes."""

    answer = models.ForeignKey(IncidentAnswer, models.CASCADE, related_name="deliveries")
    interaction = models.ForeignKey(Interaction, models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "interaction"], name="answered_once"),
        ]
        indexes = [
            models.Index(fields=["answer"], condition=Q(sent_at=None), name="delivery_to_do"),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.interaction_id}"
