"""A console's list under a name: filtered, sorted and searched as one person left it."""

from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .team import User


class ListViewQuerySet(models.QuerySet["ListView"]):
    """Whose views one may open."""

    def visible_to(self, user: Any) -> "ListViewQuerySet":
        """Their own, and those shared with one of their roles."""
        shared = ListView.roles.through.objects.filter(group__in=user.groups.all())
        return self.filter(Q(owner=user) | Q(pk__in=shared.values("listview")))


class ListView(models.Model):
    """Holds a question, no rows: whoever opens it sees what they may see of that list."""

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(User, models.CASCADE, related_name="list_views", verbose_name=_("by"))
    # the model whose list it is: "crm.customer"
    of = models.CharField(_("list"), max_length=80)
    query = models.CharField(_("question"), max_length=1000, blank=True)
    roles = models.ManyToManyField(
        Group, blank=True, related_name="+", verbose_name=_("shared with")
    )

    objects = ListViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved list")
        verbose_name_plural = _("saved lists")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "of", "name"], name="list_view_name_once")
        ]
        indexes = [models.Index(fields=["of"], name="list_view_of")]

    def __str__(self) -> str:
        return self.name
