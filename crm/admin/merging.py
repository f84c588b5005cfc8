"""Possible duplicates, the comparison before a merge, and its undoing."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.admin.pages import register_page
from crm.models import Customer, Merge, MergeSuggestion, User
from crm.services import customers, rights
from crm.services.finding import find_customers

MAY = "crm.add_merge"
_SHOWN = 50


def _page(request: HttpRequest, template: str, title: str, **context: Any) -> HttpResponse:
    frame = {**admin.site.each_context(request), "title": title}
    return render(request, f"crm/admin/{template}", frame | context)


def _seen(request: HttpRequest, pk: int) -> Customer:
    return get_object_or_404(
        rights.customers_for(request.user).select_related("organisation", "user"), pk=pk
    )


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@never_cache
@require_GET
def duplicates(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, newest first."""
    mine = rights.customers_for(request.user)
    rows = customers.open_suggestions().filter(elder__in=mine, younger__in=mine)
    found = list(rows.prefetch_related("elder__identities", "younger__identities")[: _SHOWN + 1])
    return _page(
        request, "duplicates.html", _("Possible duplicates"),
        rows=found[:_SHOWN], more=len(found) > _SHOWN,
    )  # fmt: skip


@require_POST
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    mine = rights.customers_for(request.user)
    row = get_object_or_404(MergeSuggestion, pk=pk, elder__in=mine, younger__in=mine)
    customers.dismiss(row, by=_user(request))
    messages.success(request, _("Set aside: they are two people."))
    return redirect("admin:duplicates")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """`?with=42`: the two side by side; without it, the search for the other one."""
    kept = _seen(request, pk)
    other = request.POST.get("with") or request.GET.get("with", "")
    if not other:
        return _pick(request, kept)
    if not (other.isascii() and other.isdigit() and len(other) < 16):
        raise Http404
    gone = _seen(request, int(other))
    try:
        if request.method == "POST":
            return _merge(request, kept, gone)
        comparison = customers.compare(kept, gone)
    except customers.NotMergeable as error:
        messages.error(request, str(error))
        return redirect("admin:crm_customer_change", kept.pk)
    return _page(request, "merge.html", _("Merge %(name)s") % {"name": kept}, comparison=comparison)


def _pick(request: HttpRequest, kept: Customer) -> HttpResponse:
    term = request.GET.get("q", "").strip()
    mine = rights.customers_for(request.user).exclude(pk=kept.pk)
    found = list(
        find_customers(term, within=mine).prefetch_related("identities")[:20] if term else []
    )
    return _page(
        request, "merge_pick.html", _("Merge %(name)s") % {"name": kept},
        customer=kept, term=term, found=found,
    )  # fmt: skip


def _merge(request: HttpRequest, kept: Customer, gone: Customer) -> HttpResponse:
    choices = {
        name.removeprefix("field."): str(value)
        for name, value in request.POST.items()
        if name.startswith("field.")
    }
    try:
        customers.merge(kept, gone, by=_user(request), choices=choices)
    except customers.BadChoice:
        messages.error(request, _("The records changed meanwhile: please look again."))
        return redirect(f"{request.path}?with={gone.pk}")
    messages.success(
        request, _("%(name)s is part of this record now. It can be undone.") % {"name": gone}
    )
    return redirect("admin:crm_customer_change", kept.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Who would get what; then two records again."""
    row = get_object_or_404(
        Merge.objects.select_related("kept", "gone", "by"),
        pk=pk, kept__in=rights.customers_for(request.user),
    )  # fmt: skip
    sides = {
        name.removeprefix("side."): str(side)
        for name, side in request.POST.items()
        if name.startswith("side.")
    }
    try:
        if request.method == "POST":
            customers.undo(row, by=_user(request), sides=sides)
            messages.success(
                request, _("%(name)s has a record of their own again.") % {"name": row.gone}
            )
            return redirect("admin:crm_customer_change", row.kept_id)
        plan = customers.plan(row)
    except customers.NotUndoable as error:
        messages.error(request, str(error))
        return redirect("admin:crm_customer_change", row.kept_id)
    # with their numbers: they often have the same name
    kept, gone = (f"{one} (#{one.pk})" for one in (row.kept, row.gone))
    return _page(
        request, "merge_undo.html", _("Undo the merge"), merge=row, plan=plan, kept=kept, gone=gone
    )


register_page(
    "customers/duplicates/", duplicates, "duplicates", gettext_lazy("Possible duplicates"),
    "join_inner", MAY, "customers",
)  # fmt: skip
register_page(
    "customers/duplicates/<int:pk>/dismiss/", dismiss, "duplicates_dismiss", permission=MAY
)
register_page("customers/<int:pk>/merge/", merge, "customer_merge", permission=MAY)
register_page("customers/merges/<int:pk>/undo/", undo, "merge_undo", permission=MAY)
