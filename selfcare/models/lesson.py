"""What the search has learned: questions after which people found this article useful."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.models import Visit

from .article import Translation

PROOFS = 2  # independent ones before a question counts


class LessonQuerySet(models.QuerySet["Lesson"]):
    def proven(self, proofs: int = PROOFS) -> "LessonQuerySet":
        """Confirmed by that many visits, and not taken out by an editor."""
        return self.filter(is_removed=False, proof_count__gte=proofs)


class Lesson(models.Model):
    """A question in the words of those who asked it, and the article that answered."""

    translation = models.ForeignKey(Translation, models.CASCADE, related_name="lessons")
    words = models.CharField(_("question"), max_length=200)
    proof_count = models.PositiveIntegerField(_("visits"), default=0)
    is_removed = models.BooleanField(default=False)  # an editor's word: it stays out

    objects = LessonQuerySet.as_manager()

    class Meta:
        verbose_name = _("learned question")
        verbose_name_plural = _("learned questions")
        ordering = ["-proof_count", "words"]
        constraints = [models.UniqueConstraint(fields=["translation", "words"], name="lesson_once")]

    def __str__(self) -> str:
        return self.words


class LessonProof(models.Model):
    """One visit that confirmed a lesson: a visit counts once, whatever it clicked."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="proofs")
    # null once the visit is forgotten: that it was one stays
    visit = models.ForeignKey(Visit, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("proof of a learned question")
        verbose_name_plural = _("proofs of learned questions")
        constraints = [models.UniqueConstraint(fields=["lesson", "visit"], name="proof_once")]

    def __str__(self) -> str:
        return str(self.lesson_id)
