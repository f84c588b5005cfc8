"""Done to many from a list: chosen there, said here with what; then how far it is, and undone."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from crm import clock, registry
from crm.admin.pages import register_page
from crm.models import Agent, BulkRun, Interaction, Queue, User
from crm.registry import BulkAct
from crm.services import bulk, interactions

Outcome = Interaction.Outcome
_SHOWN, _OWN = 100, 20
# without what each of them needs besides: a next step, another exchange, a button of its own
_CODES = [
    code for code in interactions.BY_HAND
    if code not in (Outcome.PROMISED, Outcome.HANDED_ON, Outcome.SPAM)
]  # fmt: skip


class _Assign(forms.Form):
    agent = forms.ModelChoiceField(
        Agent.objects.filter(user__is_active=True).select_related("user"),
        label=gettext_lazy("Colleague"),
    )


class _Queue(forms.Form):
    queue = forms.ModelChoiceField(Queue.objects.all(), label=gettext_lazy("Queue"))


class _Snooze(forms.Form):
    until = forms.DateTimeField(
        label=gettext_lazy("Until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if not 0 < (until - clock.now()).total_seconds() < 366 * 24 * 3600:
            raise forms.ValidationError(_("Choose a time to come."))
        return until


class _Close(forms.Form):
    outcome = forms.ChoiceField(
        choices=[(code.value, code.label) for code in _CODES], label=gettext_lazy("What came of it")
    )


class _Tags(forms.Form):
    tags = forms.CharField(
        label=gettext_lazy("Tags"), max_length=300,
        help_text=gettext_lazy("Words with commas between them; those that are there stay."),
    )  # fmt: skip

    def clean_tags(self) -> list[str]:
        return [word.strip() for word in self.cleaned_data["tags"].split(",") if word.strip()][:20]


# what an act asks for before it begins; the others ask for nothing
FORMS: dict[str, type[forms.Form]] = {
    "assign": _Assign, "queue": _Queue, "snooze": _Snooze, "close": _Close, "tag": _Tags,
}  # fmt: skip


class BulkMixin:
    """A list with the registered acts among its actions."""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        if IS_POPUP_VAR in request.GET:  # one is being picked
            return found
        for act in registry.bulk_acts(self.model):  # type: ignore[attr-defined]
            if request.user.has_perm(act.permission):  # type: ignore[union-attr]
                found[act.name] = (_chosen(act), act.name, act.label)
        return found


def _chosen(act: BulkAct) -> Callable[..., HttpResponse]:
    def choose(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> HttpResponse:
        keys = list(rows.values_list("pk", flat=True)[: bulk.MOST])
        return redirect("admin:bulk_run", bulk.choose(act, keys, by=_user(request)).pk)

    return choose


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _may(request: HttpRequest) -> bool:
    acts = [act for model in admin.site._registry for act in registry.bulk_acts(model)]
    return any(request.user.has_perm(act.permission) for act in acts)  # type: ignore[union-attr]


def _own(request: HttpRequest, pk: int) -> tuple[BulkRun, BulkAct]:
    """Everybody's own; what an app no longer offers is not shown."""
    run = get_object_or_404(BulkRun, pk=pk, by=_user(request))
    act = registry.bulk_act(run.act)
    if act is None or not request.user.has_perm(act.permission):  # type: ignore[union-attr]
        raise PermissionDenied
    return run, act


@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """My last ones."""
    runs = BulkRun.objects.filter(by=_user(request)).exclude(state=BulkRun.State.NEW)[:_OWN]
    context = {
        **admin.site.each_context(request),
        "title": _("Bulk actions"),
        "runs": [(run, act.label) for run in runs if (act := registry.bulk_act(run.act))],
    }
    return render(request, "crm/admin/bulk.html", context)


@never_cache
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What it needs to know, or how far it is; what was skipped and why."""
    run, act = _own(request, pk)
    return _show(request, run, act, _form(run))


def _form(run: BulkRun, data: Any = None) -> forms.Form:
    return FORMS.get(run.act, forms.Form)(data)


def _show(request: HttpRequest, run: BulkRun, act: BulkAct, form: forms.Form) -> HttpResponse:
    not_done = run.rows.filter(outcome__in=["skipped", "left"]).order_by("pk")
    state = BulkRun.State
    context = {
        **admin.site.each_context(request),
        "title": str(act.label),
        "run": run,
        "form": form,
        "counts": bulk.counts(run),
        "not_done": not_done[:_SHOWN],
        "most": bulk.MOST,
        "is_new": run.state == state.NEW,
        "going_on": run.state in (state.RUNNING, state.UNDOING),
        "undoable": run.state == state.DONE and act.undo is not None,
        "record": f"admin:{act.model._meta.app_label}_{act.model._meta.model_name}_change",
        "list": f"admin:{act.model._meta.app_label}_{act.model._meta.model_name}_changelist",
    }
    status = 400 if form.errors else 200
    return render(request, "crm/admin/bulk_run.html", context, status=status)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    run, act = _own(request, pk)
    form = _form(run, request.POST)
    if not form.is_valid():
        return _show(request, run, act, form)
    given = {name: _plain(value) for name, value in form.cleaned_data.items()}
    return _after(request, run, lambda: bulk.start(run, given))


def _plain(value: Any) -> Any:
    """As JSON."""
    value = getattr(value, "pk", value)
    return value.isoformat() if hasattr(value, "isoformat") else value


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    run, _act = _own(request, pk)
    return _after(request, run, lambda: bulk.undo(run))


def _after(request: HttpRequest, run: BulkRun, verb: Callable[[], Any]) -> HttpResponse:
    try:
        verb()
    except bulk.NotNow as why:
        messages.error(request, str(why))
    return redirect("admin:bulk_run", run.pk)


@never_cache
@require_GET
def status(request: HttpRequest, pk: int) -> JsonResponse:
    """For the page while it runs."""
    run, _act = _own(request, pk)
    going_on = run.state in (BulkRun.State.RUNNING, BulkRun.State.UNDOING)
    return JsonResponse({"running": going_on, **bulk.counts(run)})


register_page(
    "bulk/", page, "bulk", gettext_lazy("Bulk actions"), "checklist", _may, "exchanges"
)  # fmt: skip
register_page("bulk/<int:pk>/", one, "bulk_run", permission=_may)
register_page("bulk/<int:pk>/start/", start, "bulk_start", permission=_may)
register_page("bulk/<int:pk>/undo/", undo, "bulk_undo", permission=_may)
register_page("bulk/<int:pk>/status/", status, "bulk_status", permission=_may)
