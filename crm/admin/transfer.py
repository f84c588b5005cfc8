"""The page of imports and exports in the console, and imports."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from crm.admin.pages import register_page
from crm.models import Export, Import, OwnField
from crm.services import transfer

IMPORT, EXPORT = "crm.import_customers", "crm.add_export"
_LARGEST = 50 * 1024 * 1024
_SHOWN, _OWN = 20, 5


def _may(request: HttpRequest) -> bool:
    return request.user.has_perm(IMPORT) or request.user.has_perm(EXPORT)  # type: ignore[union-attr]


@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Upload, export, and the last imports."""
    context = {
        **admin.site.each_context(request),
        "title": _("Import and export"),
        "kinds": OwnField.About.choices,
        "imports": Import.objects.select_related("by")[:_SHOWN],
        "exports": Export.objects.filter(by=request.user)[:_OWN],  # type: ignore[misc]
        "may_import": request.user.has_perm(IMPORT),  # type: ignore[union-attr]
        "may_export": request.user.has_perm(EXPORT),  # type: ignore[union-attr]
    }
    return TemplateResponse(request, "crm/transfer/page.html", context)


def asked_about(request: HttpRequest) -> str:
    about = request.POST.get("about", OwnField.About.CUSTOMER)
    if about not in OwnField.About.values:
        raise PermissionDenied
    return about


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("file")
    if file is None or not file.size or file.size > _LARGEST:
        messages.error(request, _("Choose a CSV or XLSX file of at most 50 MB."))
        return redirect("admin:transfer")
    try:
        job = transfer.upload(file, by=request.user, about=asked_about(request))
    except transfer.BadFile as error:
        messages.error(request, str(error))
        return redirect("admin:transfer")
    return redirect("admin:import", job.pk)


@never_cache
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What the columns mean; then how far it is and what was refused."""
    job = get_object_or_404(Import, pk=pk)
    context = {
        **admin.site.each_context(request),
        "title": _("Import: %(name)s") % {"name": job.name},
        "job": job,
        "columns": [(column, job.mapping.get(column, "")) for column in job.columns],
        "choices": transfer.choices(job.about),
        "refused": job.rows.filter(outcome="failed").order_by("number")[:_SHOWN],
        "running": job.state == Import.State.RUNNING,
    }
    return TemplateResponse(request, "crm/transfer/one.html", context)


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """A dry run, or the import itself."""
    job = get_object_or_404(Import, pk=pk)
    mapping = {column: request.POST.get(f"column-{n}", "") for n, column in enumerate(job.columns)}
    try:
        transfer.start(job, mapping, dry="real" not in request.POST)
    except transfer.NotNow:
        messages.error(request, _("It runs already, or no column is a key."))
    return redirect("admin:import", pk)


@never_cache
@require_GET
def status(request: HttpRequest, pk: int) -> JsonResponse:
    """For the page while it runs."""
    job = get_object_or_404(Import, pk=pk)
    return JsonResponse({
        "running": job.state == Import.State.RUNNING, "total": job.total, "handled": job.handled,
        "created": job.created, "changed": job.changed, "same": job.same, "failed": job.failed,
    })  # fmt: skip


@require_GET
def refused(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The refused rows with their reasons, as a table to mend and send again."""
    job = get_object_or_404(Import, pk=pk)
    return _stream(transfer.csv_rows(transfer.refused_rows(job)), f"import-{pk}-refused.csv")


def _stream(rows, name: str) -> StreamingHttpResponse:  # type: ignore[no-untyped-def]
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


register_page(
    "transfer/", page, "transfer", gettext_lazy("Import and export"), "import_export",
    _may, "customers",
)  # fmt: skip
register_page("transfer/upload/", upload, "import_upload", permission=IMPORT)
register_page("transfer/<int:pk>/", one, "import", permission=IMPORT)
register_page("transfer/<int:pk>/start/", start, "import_start", permission=IMPORT)
register_page("transfer/<int:pk>/status/", status, "import_status", permission=IMPORT)
register_page("transfer/<int:pk>/refused.csv", refused, "import_refused", permission=IMPORT)
