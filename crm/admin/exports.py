"""Exports in the console: asked for, followed, taken by who asked."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from crm import registry
from crm.admin.pages import register_page
from crm.admin.transfer import EXPORT, asked_about
from crm.models import Export
from crm.reports.period import BadQuestion
from crm.services import transfer


def _may(request: HttpRequest) -> bool:
    """Somebody who may have asked for something; for what exactly is asked of the job."""
    return any(map(request.user.has_perm, _rights()))  # type: ignore[union-attr]


def _rights() -> set[str]:
    return {EXPORT, *(takeout.permission for takeout in registry.takeouts().values())}


def _mine(request: HttpRequest, pk: int) -> Export:
    job = get_object_or_404(Export, pk=pk, by=request.user)
    takeout = registry.takeouts().get(job.page)
    if not request.user.has_perm(takeout.permission if takeout else EXPORT):  # type: ignore[union-attr]
        raise PermissionDenied
    return job


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    form = request.POST.get("format", "")
    if form not in Export.Form.values:
        raise PermissionDenied
    return _asked(request, form, about=asked_about(request))


@require_POST
def ask_page(request: HttpRequest) -> HttpResponse:
    """A page of figures as PDF; whether it is shown to them is asked when it is written."""
    return _asked(request, Export.Form.PDF, page=request.POST.get("page", ""))


def _asked(request: HttpRequest, form: str, *, about: str = "", page: str = "") -> HttpResponse:
    """To where the job is followed."""
    query = request.POST.get("query", "")
    try:
        job = transfer.ask(about, form, by=request.user, query=query, page=page)
    except BadQuestion:
        return HttpResponseBadRequest()
    except transfer.TooMany:
        messages.error(request, _("Your earlier exports are still being written."))
        return redirect("admin:transfer")
    return redirect("admin:export", job.pk)


@never_cache
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; then the file."""
    job = _mine(request, pk)
    takeout = registry.takeouts().get(job.page)
    context = {
        **admin.site.each_context(request),
        "title": _("Export: %(name)s") % {"name": job},
        "job": job,
        "running": job.state == Export.State.RUNNING,
        "asked_at": f"admin:{job.page}" if takeout else "",
        "personal": takeout is None or takeout.personal,
    }
    return TemplateResponse(request, "crm/transfer/export.html", context)


@never_cache
@require_GET
def status(request: HttpRequest, pk: int) -> JsonResponse:
    """For the page while it runs."""
    job = _mine(request, pk)
    running = job.state == Export.State.RUNNING
    return JsonResponse({"running": running, "total": job.total, "handled": job.handled})


@never_cache
@require_GET
def file(request: HttpRequest, pk: int) -> FileResponse:
    job = _mine(request, pk)
    if not job.file:
        raise Http404
    return FileResponse(job.file.open(), as_attachment=True, filename=job.filename)


register_page("transfer/export/", ask, "export_ask", permission=EXPORT)
register_page("transfer/export/page/", ask_page, "export_page", permission=EXPORT)
register_page("transfer/exports/<int:pk>/", one, "export", permission=_may)
register_page("transfer/exports/<int:pk>/status/", status, "export_status", permission=_may)
register_page("transfer/exports/<int:pk>/file/", file, "export_file", permission=_may)
