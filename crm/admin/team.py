"""Who signs in, who answers, and the queues they stand behind."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from crm.models import (
    Ability,
    Agent,
    AgentSkill,
    PlaceStep,
    Queue,
    Requirement,
    Shift,
    Skill,
    Team,
    User,
)
from crm.services import roles

from .fields import TickedLists, channels, languages

admin.site.unregister(Group)


_VERBS = {
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
    "view": _("see"),
}


def role_label(group: Group) -> str:
    """The product's own roles have a name per language, others the one they were given."""
    return str(roles.LABELS.get(group.name, group.name))


def permission_label(permission: Permission) -> str:
    """In the reader's language: stored names are English."""
    model = permission.content_type.model_class()
    what = model._meta.verbose_name_plural if model else permission.content_type.model
    verb, _line, rest = permission.codename.partition("_")
    if verb in _VERBS and model and rest == model._meta.model_name:
        return f"{what} · {_VERBS[verb]}"
    return f"{what} · {gettext(permission.name)}"


class _Rows(TabularInline):
    extra = 0
    hide_title = True


class ServesInline(_Rows):
    model = AgentSkill
    verbose_name, verbose_name_plural = _("queue"), _("Queues they serve")


class ServedInline(_Rows):
    model = AgentSkill
    verbose_name, verbose_name_plural = _("agent"), _("Who serves it")
    ordering = ["agent__display_name", "pk"]


class AbilityInline(_Rows):
    model = Ability
    verbose_name, verbose_name_plural = _("skill"), _("Skills")


class PlaceStepInline(_Rows):
    model = PlaceStep


class RequirementInline(_Rows):
    model = Requirement


@admin.register(User)
class UserAdmin(ModelAdmin):
    """Passwords are not set here: colleagues are invited, customers sign in by code."""

    list_display = ["email", "full_name", "role", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    fields = [
        "email",
        ("first_name", "last_name"),
        "language",
        "is_active",
        "groups",
        "last_login",
    ]
    readonly_fields = ["last_login"]
    autocomplete_fields = ["groups"]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def has_add_permission(self, request) -> bool:
        """Only by invitation."""
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        """People who answered stay in the history: take away `may sign in` instead."""
        return False

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("role"))
    def role(self, user: User) -> str:
        return ", ".join(role_label(group) for group in user.groups.all())

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        field = super().formfield_for_manytomany(db_field, request=request, **kwargs)
        if field is not None and db_field.name == "groups":
            field.label_from_instance = role_label  # type: ignore[assignment]
        return field


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    """Roles. The product's own are made by crm.services.roles, which would undo any change."""

    list_display = ["role_name"]

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        shipped = obj is not None and obj.name in roles.ROLES
        return not shipped and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        shipped = obj is not None and obj.name in roles.ROLES
        return not shipped and super().has_delete_permission(request, obj)

    @admin.display(description=_("role"), ordering="name")
    def role_name(self, group: Group) -> str:
        return role_label(group)

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        field = super().formfield_for_manytomany(db_field, request=request, **kwargs)
        if field is not None and db_field.name == "permissions":
            field.label_from_instance = permission_label  # type: ignore[assignment]
        return field


class AgentForm(forms.ModelForm):
    first_language = forms.ChoiceField(
        label=_("First language"),
        choices=settings.LANGUAGES,
        help_text=_("Customers who speak it are given to them before others who speak it too."),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "first_language" in self.fields and self.instance.languages:
            self.fields["first_language"].initial = self.instance.languages[0]
            self.fields["languages"].help_text = ""

    def clean(self) -> dict[str, Any]:
        """Their order is what routing reads."""
        said = super().clean() or self.cleaned_data
        if "languages" in said and (first := said.get("first_language")):
            said["languages"] = [first, *(code for code in said["languages"] if code != first)]
        return said


@admin.register(Agent)
class AgentAdmin(TickedLists, ModelAdmin):
    form = AgentForm
    ticked = {"languages": languages}
    list_display = ["display_name", "user", "team", "behind", "chat_places", "is_simulated"]
    list_select_related = ["user", "team"]
    list_filter = ["team", "queues"]
    search_fields = ["display_name", "user__email"]
    autocomplete_fields = ["user"]
    inlines = [ServesInline, AbilityInline, PlaceStepInline]
    fields = [
        "user",
        ("display_name", "picture"),
        ("team", "chat_places"),
        ("first_language", "languages"),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("queues")

    @admin.display(description=_("queues"))
    def behind(self, agent: Agent) -> str:
        return ", ".join(queue.name for queue in agent.queues.all())


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    list_display = ["name", "place", "size"]
    search_fields = ["name", "place"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(agents_count=Count("agents"))

    @admin.display(description=_("agents"), ordering="agents_count")
    def size(self, team: Team) -> int:
        return team.agents_count  # type: ignore[attr-defined]


@admin.register(Queue)
class QueueAdmin(TickedLists, ModelAdmin):
    ticked = {"channels": channels, "languages": languages}
    list_display = ["name", "slug", "schedule", "people", "position"]
    list_select_related = ["schedule"]
    search_fields = ["name_fr", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_fr"]}
    ordering = ["position", "slug"]
    inlines = [RequirementInline, ServedInline]
    autocomplete_fields = ["teams"]
    actions_detail = ["who_is_next"]
    fieldsets = [
        (None, {"fields": [("name_fr", "name_en"), ("slug", "position"), "schedule"]}),
        (_("What it takes, and from whom"), {
            "fields": [("channels", "languages"), "teams", "mode"],
        }),
        (_("When it is long"), {
            "fields": ["max_waiting", ("overflow_queue", "overflow_minutes")],
        }),
        (_("Handing out"), {
            "fields": ["offer_seconds", ("usual_seconds", "usual_days"), "away_minutes"],
        }),
        (_("Silence and wrap-up"), {
            "fields": [
                "silent_minutes",
                "silent_close_minutes",
                "wrap_up_seconds",
                ("wrap_up_more", "wrap_up_more_seconds"),
            ],
        }),
    ]  # fmt: skip

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(agents_count=Count("skills"))

    def has_see_next_permission(self, request: HttpRequest, object_id: int) -> bool:
        return request.user.has_perm("crm.view_agentstate")  # type: ignore[union-attr]

    @action(
        description=_("Who could take the next one?"),
        url_path="next",
        permissions=["see_next"],
    )
    def who_is_next(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect("admin:routing_queue", get_object_or_404(Queue, pk=object_id).slug)

    @admin.display(description=_("agents"), ordering="agents_count")
    def people(self, queue: Queue) -> int:
        return queue.agents_count  # type: ignore[attr-defined]


@admin.register(Skill)
class SkillAdmin(ModelAdmin):
    """What agents can do and queues may ask for."""

    list_display = ["name", "slug"]
    search_fields = ["name_fr", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_fr"]}
    fields = [("name_fr", "name_en"), "slug"]


@admin.register(Shift)
class ShiftAdmin(ModelAdmin):
    """At its end an agent finishes what is open and gets nothing new."""

    list_display = ["agent", "starts_at", "ends_at"]
    list_select_related = ["agent"]
    list_filter = ["agent__team"]
    search_fields = ["agent__display_name"]
    date_hierarchy = "starts_at"
    fields = ["agent", "starts_at", "ends_at"]
