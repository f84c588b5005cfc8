"""Customers: a fast list, and the one page with everything about one of them."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Field, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminSelectWidget

from crm import clock
from crm.models import Customer, CustomerGrant, Identity, Note, OwnField
from crm.services import rights
from crm.services.finding import find_customers
from crm.templatetags.crm_console import in_groups

from . import record
from .bulk import BulkMixin
from .own_fields import OwnFieldsMixin
from .quick import QuickPaginator
from .read_only import ReadOnlyInline


def _choice(column: Field, choices: Iterable[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=choices,
        label=capfirst(str(column.verbose_name)),
        initial=column.default,
        widget=UnfoldAdminSelectWidget,
    )


class IdentityInline(ReadOnlyInline):
    """Read only: identities are added by proof, and moved by merging."""

    model = Identity
    fields = ["kind", "value", "verified_at", "verified_by", "source"]
    readonly_fields = fields


@admin.register(Customer)
class CustomerAdmin(BulkMixin, OwnFieldsMixin, ModelAdmin):
    about = OwnField.About.CUSTOMER
    list_display = ["full_name_or_number", "mail", "phone", "town", "organisation", "created_at"]
    list_display_links = ["full_name_or_number"]
    list_select_related = ["organisation"]
    list_filter = [("organisation", AutocompleteSelectFilter)]
    list_filter_submit = True
    list_per_page = 50
    paginator = QuickPaginator
    show_full_result_count = False  # counting a million rows costs more than the page
    ordering = ["name_key", "pk"]
    search_fields = ["name_key"]  # shows the field; get_search_results does the work
    search_help_text = gettext_lazy("Beginning of a name, an email address or a phone number")
    inlines = [IdentityInline]
    autocomplete_fields = ["organisation"]
    empty_value_display = "–"
    fields = [
        "civility",
        ("first_name", "last_name"),
        ("language", "time_zone"),
        ("town", "organisation"),
    ]

    def get_queryset(self, request):
        def first(kind: str) -> Subquery:
            mine = Identity.objects.filter(customer=OuterRef("pk"), kind=kind)
            return Subquery(mine.order_by("pk").values("value")[:1])

        rows = rights.customers_for(request.user, super().get_queryset(request))
        return rows.annotate(mail_value=first("mail"), phone_value=first("phone"))

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Chosen, not typed: a zone that does not exist would break every time it is told."""
        if db_field.name == "language":
            return _choice(db_field, settings.LANGUAGES)
        if db_field.name == "time_zone":
            return _choice(db_field, [(zone, zone) for zone in sorted(available_timezones())])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_search_results(self, request, queryset, search_term):
        queryset = queryset.filter(erased_at=None)  # records of nobody keep what was erased
        if not search_term.strip():
            return queryset, False
        return find_customers(search_term, within=queryset), False

    def save_model(self, request, obj, form, change) -> None:
        if "organisation" in form.changed_data:
            obj.joined_by = ""  # a person has chosen
        super().save_model(request, obj, form, change)
        if not change:
            rights.let_in(request.user, obj, CustomerGrant.Reason.CREATED)

    def has_delete_permission(self, request, obj=None) -> bool:
        """A customer is erased or merged by its own service, which keeps the books right."""
        return False

    @admin.display(description=gettext_lazy("name"), ordering="name_key")
    def full_name_or_number(self, customer: Customer) -> str:
        return str(customer)

    @admin.display(description=gettext_lazy("email"))
    def mail(self, customer: Customer) -> str:
        return customer.mail_value or "–"  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("phone"))
    def phone(self, customer: Customer) -> str:
        return in_groups(customer.phone_value or "–")  # type: ignore[attr-defined]

    def get_urls(self):
        note = path(
            "<int:pk>/note/",
            self.admin_site.admin_view(require_POST(self.add_note)),
            name="crm_customer_note",
        )
        said = path(
            "<int:pk>/said/<int:exchange>/",
            self.admin_site.admin_view(record.said),
            name="crm_customer_said",
        )
        tag = path(
            "<int:pk>/tags/", self.admin_site.admin_view(record.tag), name="crm_customer_tags"
        )
        return [note, said, tag, *super().get_urls()]

    def add_note(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not request.user.has_perm("crm.add_note"):  # type: ignore[union-attr]
            raise PermissionDenied
        customer = get_object_or_404(rights.customers_for(request.user), pk=pk)
        if text := request.POST.get("text", "").strip()[:4000]:
            Note.objects.create(
                customer=customer,
                author=request.user,  # type: ignore[misc]  # signed in, behind admin_view
                text=text,
                created_at=clock.now(),
            )
            messages.success(request, _("The note is kept."))
        return redirect("admin:crm_customer_change", pk)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The customer's page; `?edit=1` is the form."""
        if request.method == "POST" or "edit" in request.GET:
            return super().change_view(request, object_id, form_url, extra_context)
        customer = self.get_object(request, object_id)
        if customer is None:
            if object_id.isdigit() and (now := rights.moved_to(request.user, int(object_id))):
                messages.info(request, _("This record was merged: here is all of it."))
                return redirect("admin:crm_customer_change", now.pk)
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if not self.has_view_permission(request, customer):
            raise PermissionDenied
        edit = reverse("admin:crm_customer_change", args=[customer.pk]) + "?edit=1"
        may_edit = self.has_change_permission(request, customer)
        return record.page(request, customer, edit if may_edit else "")
