"""Where the articles' links lead, and whether anything is there."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import clock

from .article import Translation


class Link(models.Model):
    """One address that published articles link to, and what was there when we last looked."""

    address = models.CharField(_("address"), max_length=1000, unique=True)
    translations = models.ManyToManyField(Translation, related_name="links")
    found_at = models.DateTimeField(default=clock.now)
    checked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    # empty: it works; else why not, in few words
    trouble = models.CharField(_("trouble"), max_length=120, blank=True)
    # a server that is down tonight is not a broken link
    failures = models.PositiveSmallIntegerField(_("times in a row"), default=0)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering = ["address"]
        indexes = [
            models.Index(fields=["checked_at"], name="link_to_check"),
            models.Index(fields=["id"], condition=~Q(trouble=""), name="link_in_trouble"),
        ]

    def __str__(self) -> str:
        return self.address
