"""Pages of figures under a name, and who gets which by mail."""

from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm import clock

from .team import User


class ReportViewQuerySet(models.QuerySet["ReportView"]):
    """Whose views one may open."""

    def visible_to(self, user: Any) -> "ReportViewQuerySet":
        """Their own, and those shared with one of their roles."""
        shared = ReportView.roles.through.objects.filter(group__in=user.groups.all())
        return self.filter(Q(owner=user) | Q(pk__in=shared.values("reportview")))


class ReportView(models.Model):
    """A page with its question, as one person asked it. Days that are said by name or number move
    with the calendar; dates stay."""

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        User, models.CASCADE, related_name="report_views", verbose_name=_("by")
    )
    # a page of the console, by its name
    page = models.CharField(_("page"), max_length=40)
    query = models.CharField(_("question"), max_length=1000, blank=True)
    roles = models.ManyToManyField(
        Group, blank=True, related_name="+", verbose_name=_("shared with")
    )
    created_at = models.DateTimeField(_("saved"), default=clock.now)

    objects = ReportViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="report_view_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{reverse(f'admin:{self.page}')}?{self.query}"


class ReportMail(models.Model):
    """Somebody wants a page by mail: a view, or (without one) the Monday page."""

    class Rhythm(models.TextChoices):
        DAILY = "daily", _("every morning")
        WEEKLY = "weekly", _("on Mondays")
        MONTHLY = "monthly", _("on the first of the month")

    user = models.ForeignKey(
        User, models.CASCADE, related_name="report_mails", verbose_name=_("to")
    )
    view = models.ForeignKey(
        ReportView,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("view"),
        help_text=_("None: the Monday page."),
    )
    rhythm = models.CharField(_("when"), max_length=7, choices=Rhythm, default=Rhythm.WEEKLY)
    next_at = models.DateTimeField(_("next"), editable=False)

    class Meta:
        verbose_name = _("report by mail")
        verbose_name_plural = _("reports by mail")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "view"], name="report_mail_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["next_at"], name="report_mail_by_time")]

    def __str__(self) -> str:
        return f"{self.view_id or 'monday'} → {self.user_id}"
