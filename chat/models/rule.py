"""Whom the window invites."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Subject

from .site import Site


class InvitationRule(models.Model):
    """On which pages, and after how long, somebody is offered a chat."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="rules", verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=80)
    pages = models.JSONField(
        _("pages"),
        default=list,
        help_text=_('Paths, “*” stands for anything: ["/boutique/lumibox/*"].'),
    )
    seconds = models.PositiveSmallIntegerField(_("seconds on the page"), default=30)
    subject = models.ForeignKey(
        Subject, models.PROTECT, related_name="+", verbose_name=_("subject")
    )
    question_fr = models.CharField(_("question (French)"), max_length=160)
    question_en = models.CharField(_("question (English)"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("invitation rule")
        verbose_name_plural = _("invitation rules")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def question(self, language: str) -> str:
        return (self.question_en if language.startswith("en") else "") or self.question_fr
