"""What editors teach the search: words that mean the same; failed searches dealt with."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import clock

from .article import LANGUAGES


class Synonyms(models.Model):
    """Words or phrases that customers use for the same thing, in one language."""

    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="fr")
    words = models.JSONField(
        _("words that mean the same"),
        default=list,
        help_text=_("One word or phrase a line: zapette, télécommande, remote."),
    )
    changed_at = models.DateTimeField(_("changed"), default=clock.now)

    class Meta:
        verbose_name = _("synonyms")
        verbose_name_plural = _("synonyms")
        ordering = ["language", "pk"]

    def __str__(self) -> str:
        return ", ".join(str(word) for word in self.words)


class SearchDealtWith(models.Model):
    """A group of failed searches that an editor has seen: off the worklist until it returns."""

    language = models.CharField(_("language"), max_length=5)
    key = models.CharField(_("search"), max_length=200)
    at = models.DateTimeField(_("when"), default=clock.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("search dealt with")
        verbose_name_plural = _("searches dealt with")
        constraints = [
            models.UniqueConstraint(fields=["language", "key"], name="search_dealt_with_once")
        ]

    def __str__(self) -> str:
        return self.key
