"""Saved views in the console: kept, opened by their address, shared, mailed, thrown away."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from crm.admin.pages import pages, register_page
from crm.models import ReportMail, ReportView
from crm.reports import mailing, saved

KEEP = "crm.add_reportview"
SEE = "crm.view_reportview"


def kept_pages() -> dict[str, str]:
    """The pages of which there can be a view: {name: title}."""
    return {page.name: str(page.title) for page in pages() if page.group == "reports" and page.icon}


def _visible(request: HttpRequest) -> Any:
    return ReportView.objects.visible_to(request.user)


def _mine(request: HttpRequest, pk: int) -> ReportView:
    return get_object_or_404(ReportView, pk=pk, owner=request.user)


def views_page(request: HttpRequest) -> HttpResponse:
    """Mine, those shared with me, and which come by mail."""
    titles = kept_pages()
    user: Any = request.user
    mails = {row.view_id: row for row in ReportMail.objects.filter(user=user)}
    rows = [
        {
            "view": view,
            "page": titles.get(view.page, ""),
            "mine": view.owner_id == user.pk,
            "mail": mails.get(view.pk),
            "roles": list(view.roles.all()),
        }
        for view in _visible(request).select_related("owner").prefetch_related("roles")
    ]
    context = {
        **admin.site.each_context(request),
        "title": _("Saved views"),
        "rows": rows,
        "monday": mails.get(None),
        "rhythms": ReportMail.Rhythm.choices,
        "roles": Group.objects.order_by("pk"),
        "may_mail": user.has_perm(mailing.MAY_SEE),
    }
    return render(request, "crm/reports/views.html", context)


def open_view(request: HttpRequest, pk: int) -> HttpResponse:
    """A view's own address, which stays when its question changes."""
    return redirect(get_object_or_404(_visible(request), pk=pk).address)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    page = request.POST.get("page", "")
    if page not in kept_pages():
        return HttpResponseBadRequest()
    roles = Group.objects.filter(pk__in=_numbers(request.POST.getlist("roles")))
    user: Any = request.user
    try:
        view = saved.save(
            user, request.POST.get("name", ""), page, request.POST.get("query", ""), list(roles)
        )
    except saved.NotSaved:
        return HttpResponseBadRequest()
    messages.success(request, _("The view “%(name)s” is saved.") % {"name": view.name})
    return redirect(view.address)


@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    view = _mine(request, pk)
    view.roles.set(Group.objects.filter(pk__in=_numbers(request.POST.getlist("roles"))))
    messages.success(request, _("Saved."))
    return redirect("admin:report_views")


@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    view = _mine(request, pk)
    view.delete()
    messages.success(request, _("The view “%(name)s” is gone.") % {"name": view.name})
    return redirect("admin:report_views")


@require_POST
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """0 is the Monday page; no rhythm: no more."""
    user: Any = request.user
    if not user.has_perm(mailing.MAY_SEE):
        raise PermissionDenied
    view = get_object_or_404(_visible(request), pk=pk) if pk else None
    rhythm = request.POST.get("rhythm", "")
    if not rhythm:
        ReportMail.objects.filter(user=user, view=view).delete()
        messages.success(request, _("No more mails of it."))
    elif rhythm not in ReportMail.Rhythm.values or (view is None and rhythm != "weekly"):
        return HttpResponseBadRequest()
    else:
        mailing.subscribe(user, view, rhythm)
        messages.success(request, _("It comes by mail at 8 o’clock."))
    return redirect("admin:report_views")


def _numbers(values: list[str]) -> list[int]:
    return [int(value) for value in values if value.isascii() and value.isdecimal()][:20]


register_page(
    "reports/views/", views_page, "report_views", gettext_lazy("Saved views"), "bookmark", SEE,
    "reports",
)  # fmt: skip
register_page("reports/views/save/", save, "report_view_save", permission=KEEP)
register_page("reports/views/<int:pk>/", open_view, "report_view", permission=SEE)
register_page("reports/views/<int:pk>/share/", share, "report_view_share", permission=KEEP)
register_page("reports/views/<int:pk>/forget/", forget, "report_view_forget", permission=KEEP)
register_page("reports/views/<int:pk>/mail/", mail, "report_view_mail", permission=SEE)
