"""Companies: a list, and the page with its people, what is open, and one line of time."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, TabularInline

from crm import registry
from crm.models import Organisation, OrganisationDomain, OwnField
from crm.services import organisations, own_fields

from . import record
from .own_fields import OwnFieldsMixin

_MEMBERS = 25
_OPEN = 10


class DomainInline(TabularInline):
    model = OrganisationDomain
    extra = 1
    fields = ["name"]


@admin.register(Organisation)
class OrganisationAdmin(OwnFieldsMixin, ModelAdmin):
    about = OwnField.About.ORGANISATION
    list_display = ["name", "size", "created_at"]
    search_fields = ["name", "domains__name"]
    search_help_text = gettext_lazy("A part of the name or of a mail domain")
    fields = ["name"]
    inlines = [DomainInline]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(members_count=Count("members", distinct=True))

    @admin.display(description=gettext_lazy("members"), ordering="members_count")
    def size(self, organisation: Organisation) -> int:
        return organisation.members_count  # type: ignore[attr-defined]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The company's page; `?edit=1` is the form."""
        if request.method == "POST" or "edit" in request.GET:
            return super().change_view(request, object_id, form_url, extra_context)
        organisation = self.get_object(request, object_id)
        if organisation is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, organisation):
            raise PermissionDenied
        edit = reverse("admin:crm_organisation_change", args=[organisation.pk]) + "?edit=1"
        may_edit = self.has_change_permission(request, organisation)
        return _page(request, organisation, edit if may_edit else "")


def _page(request: HttpRequest, organisation: Organisation, edit_url: str) -> HttpResponse:
    user: Any = request.user
    seen = organisations.exchanges(organisation, user)
    line = record.time_line(
        request,
        seen.select_related("customer"),
        organisations.visits(organisation, user).select_related("customer"),
    )
    if line is None:
        return redirect("admin:crm_organisation_change", organisation.pk)
    members = organisations.members(organisation, user)
    counts = organisations.recent_counts(seen)
    context = {
        **admin.site.each_context(request),
        "title": str(organisation),
        "opts": Organisation._meta,
        "original": organisation,
        "organisation": organisation,
        "domains": list(organisation.domains.all()),
        "own": own_fields.shown(organisation),
        "members": list(members[:_MEMBERS]),
        "members_count": members.count(),
        "open_count": seen.open().count(),
        "open_work": list(
            seen.open().select_related("customer", "queue", "agent").order_by("-opened_at")[:_OPEN]
        ),
        "satisfaction": record.satisfaction(seen),
        "recent": [(one, counts.get(one.name, 0)) for one in registry.channels()],
        "days": organisations.SUMMED.days,
        "edit_url": edit_url,
        **line,
    }
    return TemplateResponse(request, "crm/admin/organisation.html", context)
