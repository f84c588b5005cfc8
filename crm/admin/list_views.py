"""Saved views of the console's lists: kept where they are looked at, shared with roles."""

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.admin.pages import register_page
from crm.models import ListView
from crm.services import list_views


def address(view: ListView) -> str:
    app, model = view.of.split(".")
    return f"{reverse(f'admin:{app}_{model}_changelist')}?{view.query}"


def may_see_list(request: HttpRequest, of: str) -> bool:
    """There is such a list, and it is open to whoever asks."""
    try:
        model = apps.get_model(of)
    except (LookupError, ValueError):
        return False
    model_admin = admin.site._registry.get(model)
    return bool(model_admin and model_admin.has_view_permission(request))


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    of = request.POST.get("of", "").lower()
    if not may_see_list(request, of):
        raise PermissionDenied
    keys = [key for key in request.POST.getlist("roles")[:20] if key.isascii() and key.isdecimal()]
    user: Any = request.user
    try:
        view = list_views.keep(
            user,
            of,
            request.POST.get("name", ""),
            request.POST.get("query", ""),
            list(Group.objects.filter(pk__in=keys)),
        )
    except list_views.NotKept:
        return HttpResponseBadRequest()
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(address(view))


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(ListView, pk=pk, owner=request.user)
    view.delete()
    messages.success(request, _("The view “%(name)s” is gone.") % {"name": view.name})
    return redirect(address(view).partition("?")[0])


register_page("lists/keep/", keep, "list_view_keep", permission="crm.add_listview")
register_page(
    "lists/<int:pk>/forget/", forget, "list_view_forget", permission="crm.delete_listview"
)
