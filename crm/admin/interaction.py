"""Every exchange, to look up; work is done at the desk."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from crm import clock, registry
from crm.models import Interaction, Message, OwnField, Status
from crm.services import audit, interactions, own_fields, routing

from .bulk import BulkMixin
from .desk import verifying
from .desk.rows import next_due
from .desk.texts import event_text
from .filters import ChannelFilter, ScoreFilter
from .own_fields import OwnFiltersMixin, form_of
from .quick import badge
from .read_only import EndlessAdmin

FILL = "crm.change_interaction"
TONES = {
    Status.WAITING: "warning",
    Status.ACTIVE: "info",
    Status.PENDING: "primary",
    Status.CLOSED: "success",
}


class DueFilter(admin.SimpleListFilter):
    title = _("due time")
    parameter_name = "due"

    def lookups(self, request, model_admin):
        return [("late", _("late")), ("today", _("due within 24 hours"))]

    def queryset(self, request, queryset):
        at = clock.now()
        if self.value() == "late":
            return queryset.filter(next_due__lte=at)
        if self.value() == "today":
            return queryset.filter(next_due__gt=at, next_due__lte=at + timedelta(hours=24))
        return queryset


@admin.register(Interaction)
class InteractionAdmin(BulkMixin, OwnFiltersMixin, EndlessAdmin):
    """Read only, but for the own fields: an interaction changes by what people do, at the desk or
    through the API."""

    about = OwnField.About.INTERACTION

    list_display = [
        "number",
        "channel_name",
        "state",
        "customer",
        "title",
        "queue",
        "agent",
        "opened_at",
        "due",
        "outcome_name",
        "score",
    ]
    list_select_related = ["customer", "queue", "agent"]
    list_filter = [
        ("channel", ChannelFilter),
        DueFilter,
        ("status", ChoicesDropdownFilter),
        ("queue", RelatedDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        ("score", ScoreFilter),
    ]
    list_per_page = 25
    search_fields = ["title"]
    search_help_text = _("A number such as 2611-0042, or words of the title")
    ordering = ["-opened_at", "-pk"]
    change_form_template = "crm/admin/interaction.html"

    def get_queryset(self, request):
        rows = super().get_queryset(request).visible_to(request.user)
        return rows.annotate(next_due=Subquery(next_due().values("due_at")[:1]))

    def get_search_results(self, request, queryset, search_term):
        if search_term and (found := queryset.by_reference(search_term)):
            return found, False
        return super().get_search_results(request, queryset, search_term)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        row = self.get_object(request, object_id)
        if row:
            audit.saw(request.user, row, row.customer_id)
        context: dict[str, Any] = {"interaction": row, "said": _said(row) if row else []}
        if row:
            context["proof"] = verifying.in_words(row)
            context["own"] = own_fields.shown(row)
            context["aftermath"] = registry.aftermath(request.user, row)
            if request.user.has_perm(FILL):
                context["own_form"] = form_of(row)
        if row and row.status == Status.WAITING:
            context |= {"reasons": routing.reasons(row), "by_agent": routing.by_agent(row)}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def get_urls(self):
        fill = self.admin_site.admin_view(require_POST(self.fill))
        return [path("<int:pk>/own/", fill, name="crm_interaction_own"), *super().get_urls()]

    def fill(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The own fields of one exchange."""
        if not request.user.has_perm(FILL):  # type: ignore[union-attr]
            raise PermissionDenied
        row = get_object_or_404(Interaction.objects.visible_to(request.user), pk=pk)
        form = form_of(row, request.POST)
        wrong = [why for whys in form.errors.values() for why in whys]
        try:
            if not wrong:
                interactions.fill(row, form.cleaned_data)
        except own_fields.BadOwnFields as error:
            wrong = list(error.errors.values())
        for why in wrong:
            messages.error(request, str(why))
        if not wrong:
            messages.success(request, _("Kept."))
        return redirect("admin:crm_interaction_change", pk)

    def get_fields(self, request, obj=None):
        return [
            ("channel_name", "status"),
            ("customer", "language"),
            ("queue", "agent"),
            ("subject", "real_subject"),
            ("nature", "outcome"),
            ("origin", "device"),
            ("opened_at", "assigned_at"),
            ("first_answer_at", "closed_at"),
            ("score", "reopened"),
        ]

    def get_readonly_fields(self, request, obj=None):
        return [name for pair in self.get_fields(request, obj) for name in pair]

    @admin.display(description=_("number"), ordering="pk")
    def number(self, row: Interaction) -> str:
        return row.reference

    @admin.display(description=_("channel"), ordering="channel")
    def channel_name(self, row: Interaction) -> str:
        return channel_label(row.channel)

    @display(description=_("state"), ordering="status")
    def state(self, row: Interaction) -> str:
        status = Status(row.status)
        return badge(str(status.label), TONES[status])

    @display(description=_("due"), ordering="next_due")
    def due(self, row: Interaction) -> str:
        at = row.next_due  # type: ignore[attr-defined]  # annotated
        if at is None:
            return "–"
        local = date_format(localtime(at), "SHORT_DATETIME_FORMAT")
        late = at <= clock.now()
        return badge(_("late: %(at)s") % {"at": local}, "danger") if late else badge(local)

    @admin.display(description=_("outcome"), ordering="outcome")
    def outcome_name(self, row: Interaction) -> str:
        return str(Interaction.Outcome(row.outcome).label) if row.outcome else "–"


def channel_label(name: str) -> str:
    try:
        return str(registry.channel(name).label)
    except registry.NotRegistered:
        return name


def _said(row: Interaction) -> list:
    """The last 500 lines, oldest first; longer conversations are read at the desk."""
    said = list(row.messages.select_related("agent").order_by("-pk")[:500])[::-1]
    for message in said:
        message.original = _original(row, message)  # type: ignore[attr-defined]  # for the page
        if message.kind == Message.Kind.EVENT:
            message.text = event_text(message)
    return said


def _original(row: Interaction, message: Message) -> str:
    """The address of what a message was made of, when that is more than its text."""
    body = message.body
    more = body.get("html") or body.get("files") or body.get("folded")
    if message.deleted_at or message.kind != Message.Kind.TEXT or not more:
        return ""
    try:
        name = registry.channel(row.channel).original
    except registry.NotRegistered:
        return ""
    key = body.get(row.channel)
    return reverse(name, args=[key]) if name and key else ""
