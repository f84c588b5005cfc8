"""Privacy in the console: one customer's rights, the requests with their due dates, retention."""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from crm import clock
from crm.admin.pages import register_page
from crm.models import Consent, Customer, LegalHold, PrivacyRequest
from crm.services import privacy, rights
from crm.services.privacy import requests

from .read_only import ReadOnlyAdmin

HANDLE = "crm.handle_privacy"
OBJECT = "crm.change_customer"
VIEW = "crm.view_privacyrequest"
RULES = "crm.view_retentionrule"
Kind = PrivacyRequest.Kind


def _for_customer(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The customer, if this colleague may see them; a 404 otherwise."""

    @wraps(view)
    def answer(request: HttpRequest, pk: int) -> HttpResponseBase:
        customer = get_object_or_404(rights.customers_for(request.user), pk=pk)
        return view(request, customer)

    return answer


@never_cache
@require_GET
@_for_customer
def customer_page(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Everything a person may ask of us, with a button each."""
    context = {
        **admin.site.each_context(request),
        "title": _("Privacy: %(name)s") % {"name": customer},
        "customer": customer,
        "objects": requests.objects_to(customer, Consent.Purpose.SURVEY),
        "requests": customer.privacy_requests.all()[:20],
        "hold": LegalHold.objects.filter(customer=customer, lifted_at=None).first(),
        "open_work": customer.interactions.open().exists(),
        "exchanges": customer.interactions.count(),
        "may_handle": request.user.has_perm(HANDLE),  # type: ignore[union-attr]
        "may_object": request.user.has_perm(OBJECT),  # type: ignore[union-attr]
        "now": clock.now(),
    }
    return TemplateResponse(request, "crm/privacy/customer.html", context)


@require_POST
@_for_customer
def objection(request: HttpRequest, customer: Customer) -> HttpResponse:
    """One click: no surveys any more; or again."""
    if requests.objects_to(customer, Consent.Purpose.SURVEY):
        privacy.take_back_objection(customer, Consent.Purpose.SURVEY)
        messages.success(request, _("Surveys may be sent again."))
    else:
        privacy.object_to(customer, Consent.Purpose.SURVEY, by=request.user)
        messages.success(request, _("No survey will be sent any more."))
    return redirect("admin:privacy_customer", customer.pk)


@require_POST
@_for_customer
def archive(request: HttpRequest, customer: Customer) -> HttpResponseBase:
    """The copy, as a zip; written down as a request that is answered."""
    file = privacy.hand_over(customer, by=request.user)
    return FileResponse(file, as_attachment=True, filename=f"customer-{customer.pk}.zip")


@require_POST
@_for_customer
def ask(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Write down a request; an erasure begins with it."""
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        raise PermissionDenied
    erasing = kind in requests.ERASING
    if erasing and request.POST.get("sure") != str(customer.pk):
        messages.error(request, _("Type the customer’s number to confirm. Nothing was erased."))
        return redirect("admin:privacy_customer", customer.pk)
    try:
        asked = privacy.open_request(customer, kind, by=request.user)
    except privacy.OnHold:
        messages.error(request, _("A legal hold keeps this customer’s data. Nothing was erased."))
    except privacy.OpenWork:
        messages.error(request, _("Close the open exchanges first. Nothing was erased."))
    else:
        done = _("The erasure has begun.") if erasing else _("The request is written down.")
        messages.success(request, done)
        if erasing:
            return redirect("admin:crm_privacyrequest_change", asked.pk)
    return redirect("admin:privacy_customer", customer.pk)


@require_POST
@_for_customer
def hold(request: HttpRequest, customer: Customer) -> HttpResponse:
    """Set with a reason, or lifted."""
    if reason := request.POST.get("reason", "").strip():
        privacy.hold(customer, reason, request.user)
        messages.success(request, _("Nothing of this customer will go until the hold is lifted."))
    elif "lift" in request.POST:
        privacy.lift(customer)
        messages.success(request, _("The hold is lifted."))
    return redirect("admin:privacy_customer", customer.pk)


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A request is settled, or refused with its reason."""
    row = get_object_or_404(PrivacyRequest, pk=pk)
    if reason := request.POST.get("reason", "").strip():
        privacy.refuse(row, reason)
    else:
        privacy.settle(row)
    return redirect("admin:privacy_customer", row.customer_number)


@never_cache
@require_GET
def status(request: HttpRequest, pk: int) -> JsonResponse:
    """For the page while it runs."""
    row = get_object_or_404(PrivacyRequest, pk=pk)
    running = row.state == PrivacyRequest.State.RUNNING
    return JsonResponse({"running": running, "total": row.total, "handled": row.handled})


@never_cache
@require_http_methods(["GET", "POST"])
def retention_page(request: HttpRequest) -> HttpResponse:
    """How long what is kept, what would go today, and the confirmation without which nothing
    goes."""
    may_change = request.user.has_perm("crm.change_retentionrule")  # type: ignore[union-attr]
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        days = {
            due.retention.name: int(text)
            for due in privacy.rules()
            if (text := request.POST.get(f"days-{due.retention.name}", "")).isdigit()
            and 1 <= int(text) <= 36_500
        }
        privacy.confirm(days)
        messages.success(request, _("These are the rules of the house from now on."))
        return redirect("admin:retention")
    context = {
        **admin.site.each_context(request),
        "title": _("Retention"),
        "rules": privacy.preview() if "preview" in request.GET else privacy.rules(),
        "previewed": "preview" in request.GET,
        "confirmed": privacy.is_confirmed(),
        "may_change": may_change,
    }
    return TemplateResponse(request, "crm/privacy/retention.html", context)


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(ReadOnlyAdmin):
    """What persons asked for, the soonest due first among the open ones."""

    change_form_before_template = "crm/privacy/_progress.html"
    list_display = ["number", "kind", "state", "received_at", "due_at", "progress", "taken_by"]
    list_select_related = ["taken_by", "customer"]
    list_filter = [("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter)]
    ordering = ["done_at", "due_at"]
    fields = [
        "number", "kind", "state", "received_at", "due_at", "done_at", "progress", "taken_by",
        "reason",
    ]  # fmt: skip
    readonly_fields = fields

    @admin.display(description=gettext_lazy("customer"), ordering="customer_number")
    def number(self, row: PrivacyRequest) -> str:
        return f"#{row.customer_number}"

    @admin.display(description=gettext_lazy("progress"))
    def progress(self, row: PrivacyRequest) -> str:
        return f"{row.handled} / {row.total}" if row.kind in requests.ERASING else "–"


register_page(
    "privacy/<int:pk>/", customer_page, "privacy_customer", permission="crm.view_customer"
)
register_page("privacy/<int:pk>/objection/", objection, "privacy_objection", permission=OBJECT)
register_page("privacy/<int:pk>/archive/", archive, "privacy_archive", permission=HANDLE)
register_page("privacy/<int:pk>/ask/", ask, "privacy_ask", permission=HANDLE)
register_page("privacy/<int:pk>/hold/", hold, "privacy_hold", permission=HANDLE)
register_page("privacy/requests/<int:pk>/", answer, "privacy_answer", permission=HANDLE)
register_page("privacy/requests/<int:pk>/status/", status, "privacy_status", permission=VIEW)
register_page(
    "retention/", retention_page, "retention", gettext_lazy("Retention"), "auto_delete",
    RULES, "settings",
)  # fmt: skip
