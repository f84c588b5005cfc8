"""Whom the window invites."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.models import Subject

from . import conditions
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
    conditions = models.JSONField(
        _("conditions"), default=dict, blank=True, validators=[conditions.check]
    )
    cooldown_days = models.PositiveSmallIntegerField(
        _("days until the next one"),
        default=0,
        help_text=_("Nobody is invited again within so many days. Needs consent; 0: no limit."),
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

    def needs_consent(self) -> bool:
        """Whether it may be withheld from visitors who did not agree to be remembered."""
        facts = conditions.facts_of(self.conditions)
        return self.cooldown_days > 0 or any(conditions.FACTS[f].memory for f in facts)

    def sentence(self) -> str:
        """What the rule does, as the console reads it out."""
        parts = [
            gettext("On %(pages)s, after %(seconds)s s")
            % {"pages": f" {gettext('or')} ".join(self.pages) or "–", "seconds": self.seconds}
        ]
        if said := conditions.words(self.conditions):
            parts.append(gettext("if %(conditions)s") % {"conditions": said})
        parts.append(gettext("invite about %(subject)s") % {"subject": self.subject})
        return ", ".join(parts) + "."

    def question(self, language: str) -> str:
        return (self.question_en if language.startswith("en") else "") or self.question_fr
