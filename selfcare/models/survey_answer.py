"""What customers answered, and what they had answered before."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.text import sort_key

from .survey_invitation import SurveyInvitation


class AnswerQuerySet(models.QuerySet["Answer"]):
    def visible_to(self, user: Any) -> "AnswerQuerySet":
        """Agents read what is said of them, leads what is said of their team, managers all."""
        return self.filter(credited_to("invitation__agent", user))

    def with_words(self) -> "AnswerQuerySet":
        return self.exclude(folded="")

    def saying(self, words: Iterable[str], *, whole: bool = False) -> "AnswerQuerySet":
        """With all these folded words, or words that begin so."""
        query = " & ".join(word if whole else f"{word}:*" for word in words)
        found = SearchQuery(query, config="simple", search_type="raw")
        return self.annotate(words=SearchVector("folded", config="simple")).filter(words=found)


def credited_to(path: str, user: Any) -> Q:
    """The rows whose agent (at `path`) this colleague may read the answers of."""
    if not (user.is_authenticated and user.is_active and user.is_staff):
        return Q(pk__in=[])
    if user.has_perm("crm.view_all_interactions"):
        return Q()
    agent = getattr(user, "agent", None)
    if agent is None:
        return Q(pk__in=[])
    if agent.team_id and user.has_perm("crm.view_team_interactions"):
        return Q(**{f"{path}__team": agent.team_id})
    return Q(**{path: agent})


class Answer(models.Model):
    """What a customer answered; the present version of it."""

    class Via(models.TextChoices):
        CARD = "card", _("card in the chat")
        MAIL = "mail", _("email")
        PORTAL = "portal", _("portal")

    invitation = models.OneToOneField(
        SurveyInvitation, models.CASCADE, related_name="answer", verbose_name=_("invitation")
    )
    score = models.PositiveSmallIntegerField(
        _("satisfaction"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
    )
    effort = models.PositiveSmallIntegerField(
        _("effort"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(7)],
    )
    recommendation = models.PositiveSmallIntegerField(
        _("recommendation"), null=True, blank=True, validators=[MaxValueValidator(10)]
    )
    solved = models.BooleanField(_("solved, says the customer"), null=True, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    # what the other questions were answered, by their keys
    more = models.JSONField(_("other answers"), default=dict, blank=True)
    # the comment's words as they are searched (crm.text), kept by save()
    folded = models.TextField(default="", blank=True, editable=False)
    tags = ArrayField(
        models.CharField(max_length=40), verbose_name=_("tags"), default=list, blank=True
    )
    language = models.CharField(_("language"), max_length=5, default="fr")
    via = models.CharField(_("answered by"), max_length=6, choices=Via)
    answered_at = models.DateTimeField(_("answered"))
    changed_at = models.DateTimeField(_("changed"), null=True, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=1, score__lte=5), name="answer_score_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(effort=None) | Q(effort__gte=1, effort__lte=7),
                name="answer_effort_1_to_7",
            ),
            models.CheckConstraint(
                condition=Q(recommendation=None) | Q(recommendation__lte=10),
                name="answer_recommendation_0_to_10",
            ),
        ]
        indexes = [
            models.Index(fields=["answered_at"], name="answer_by_time"),
            GinIndex(SearchVector("folded", config="simple"), name="answer_by_words"),
            GinIndex(fields=["tags"], name="answer_by_tag"),
        ]

    def __str__(self) -> str:
        return f"{self.score}/5" if self.score else f"{self.answered_at:%d/%m/%Y}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.folded = sort_key(self.comment)
        super().save(*args, **kwargs)


class AnswerChange(models.Model):
    """What an answer said before the customer changed it."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="changes")
    before = models.JSONField(_("before"))
    at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("changed answer")
        verbose_name_plural = _("changed answers")
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.at:%d/%m/%Y %H:%M}"
