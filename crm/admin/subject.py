"""What it is about: the tree of subjects."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from unfold.admin import ModelAdmin
from unfold.decorators import action

from crm.admin.pages import register_page
from crm.models import Subject, User
from crm.services import subjects

MAY = "crm.change_subject"


@admin.register(Subject)
class SubjectAdmin(ModelAdmin):
    """Subjects are retired, never deleted: history points at them."""

    list_display = ["name", "parent", "queue", "schedule", "position", "is_active", "merged_into"]
    list_select_related = ["parent", "queue", "schedule", "merged_into"]
    list_filter = ["is_active", "queue"]
    search_fields = ["name_fr", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_fr"]}
    ordering = ["position", "pk"]
    actions_detail = ["retire"]
    fields = [
        ("name_fr", "name_en"),
        "slug",
        "parent",
        ("queue", "off_hours_queue"),
        "schedule",
        "priority",
        ("position", "is_active"),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["is_active"] if obj and obj.merged_into_id else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "parent":
            kwargs["queryset"] = Subject.objects.filter(merged_into=None)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None

    def has_retire_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm(MAY)  # type: ignore[union-attr]

    @action(
        description=gettext_lazy("Retire or merge"), url_path="retire", permissions=["retire"],
        icon="merge",
    )  # fmt: skip
    def retire(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect("admin:subject_retire", object_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """What names it, and its ways out of use; `?into=42`: what merging it would do."""
    subject = get_object_or_404(Subject.objects.select_related("merged_into"), pk=pk)
    into = _into(request)
    if request.method == "POST":
        return _act(request, subject, into)
    try:
        if into:
            subjects.check(subject, into)
    except subjects.NotMergeable as error:
        messages.error(request, str(error))
        return redirect("admin:subject_retire", pk)
    context = {
        **admin.site.each_context(request),
        "title": _("Retire or merge: %(name)s") % {"name": subject},
        "subject": subject,
        "into": into,
        "uses": subjects.uses(subject, into),
        "choices": [] if into or subject.merged_into else subjects.choices(subject),
        "journal": subject.merges.filter(undone_at=None).select_related("by").first(),
        "list": reverse("admin:crm_subject_changelist"),
    }
    return render(request, "crm/admin/subject_retire.html", context)


def _into(request: HttpRequest) -> Subject | None:
    key = request.POST.get("into") or request.GET.get("into", "")
    if not key:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 16):
        raise Http404
    return get_object_or_404(Subject, pk=int(key))


def _act(request: HttpRequest, subject: Subject, into: Subject | None) -> HttpResponse:
    if not isinstance(request.user, User):
        raise PermissionDenied
    try:
        said = _done(request.POST.get("do", ""), subject, into, request.user)
    except (subjects.NotMergeable, subjects.NotUndoable) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect("admin:subject_retire", subject.pk)


def _done(verb: str, subject: Subject, into: Subject | None, by: User) -> str:
    """What was done, in words."""
    name = {"name": subject}
    if verb == "retire":
        subjects.retire(subject)
        return _("Nobody can choose %(name)s any more.") % name
    if verb == "take_up":
        subjects.take_up(subject)
        return _("%(name)s can be chosen again.") % name
    if verb == "undo":
        subjects.undo(subject, by=by)
        return _("%(name)s counts for itself again.") % name
    if verb != "merge" or into is None:
        raise Http404
    subjects.merge(subject, into, by=by)
    return _("%(name)s counts as %(other)s now. It can be undone.") % {**name, "other": into}


register_page("subjects/<int:pk>/retire/", retire, "subject_retire", permission=MAY)
