"""The audit trail, for auditors and administrators: read, never written."""

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, Prefetch, Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from crm.models import AuditEntry, AuditValue, User
from crm.services import audit

from .filters import known
from .read_only import EndlessAdmin


@admin.register(AuditEntry)
class AuditAdmin(EndlessAdmin):
    list_display = ["at", "who", "verb", "record", "customer_number", "what", "door"]
    list_filter = [
        ("verb", ChoicesDropdownFilter),
        ("model", known(lambda: [(model, _kind(model)) for model in audit.kinds()])),
        ("door", known(lambda: [(door, door) for door in audit.DOORS])),
    ]
    ordering = ["-pk"]
    search_fields = ["customer_id"]  # shows the field; get_search_results does the work
    search_help_text = _("A customer's number, or a colleague's email address")

    def get_queryset(self, request):
        values = Prefetch("values", AuditValue.objects.order_by("pk"))
        return super().get_queryset(request).prefetch_related(values)

    def get_search_results(self, request, queryset, search_term):
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.isdigit():
            return queryset.filter(Q(customer_id=int(term)) | Q(object_id=int(term))), False
        people = User.objects.filter(email__istartswith=term).values("pk")
        return queryset.filter(actor_id__in=people), False

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(request, extra_context)
        changes = getattr(response, "context_data", {}).get("cl")
        if changes is not None:
            rows = list(changes.result_list)
            names = User.objects.in_bulk({row.actor_id for row in rows if row.actor_id})
            for row in rows:
                row.actor = names.get(row.actor_id)
            changes.result_list = rows
        return response

    def has_module_permission(self, request) -> bool:
        return bool(request.user.has_perm("crm.view_auditentry"))

    def get_fields(self, request, obj=None):
        return ["at", "who", "verb", "record", "customer_number", "what", "door", "told"]

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj)

    @admin.display(description=_("who"))
    def who(self, entry: AuditEntry) -> str:
        if entry.actor_id is None:
            return str(_("the system"))
        actor = getattr(entry, "actor", None) or User.objects.filter(pk=entry.actor_id).first()
        return str(actor) if actor else f"#{entry.actor_id}"

    @admin.display(description=_("record"))
    def record(self, entry: AuditEntry) -> str:
        kind = _kind(entry.model)
        if entry.count > 1:
            return f"{kind} {entry.object_id}–{entry.object_last} ({entry.count})"
        return f"{kind} {entry.object_id or ''}"

    @admin.display(description=_("customer"), ordering="customer_id")
    def customer_number(self, entry: AuditEntry) -> str:
        if entry.customer_id is None:
            return "–"
        address = reverse("admin:crm_customer_change", args=[entry.customer_id])
        return format_html('<a href="{}">{}</a>', address, entry.customer_id)

    @admin.display(description=_("fields"))
    def what(self, entry: AuditEntry) -> str:
        return ", ".join(_field(entry, name) for name in entry.fields) or "–"

    @admin.display(description=_("before and after"))
    def told(self, entry: AuditEntry) -> str:
        rows = [(v.field, v.before or "–", v.after or "–") for v in entry.values.all()]
        if not rows:
            return str(_("No values are kept."))
        lines = format_html("")
        for field, before, after in rows:
            lines = format_html("{}{}: {} → {}<br>", lines, _field(entry, field), before, after)
        return lines


def _model(label: str) -> type[Model] | None:
    """A table that is there no more still has entries."""
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _kind(label: str) -> str:
    model = _model(label)
    return capfirst(str(model._meta.verbose_name)) if model else label


def _field(entry: AuditEntry, column: str) -> str:
    """The column's name for people."""
    model = _model(entry.model)
    found = [f for f in model._meta.concrete_fields if f.column == column] if model else []
    return str(found[0].verbose_name) if found else column
