"""One more address or number on a record, and one less: by the colleague who was told."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.admin.pages import register_page
from crm.services import customers, rights


@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Claimed, not verified. Somebody else's suggests a merge."""
    customer = get_object_or_404(rights.customers_for(request.user), pk=pk)
    kind, value = request.POST.get("kind", ""), request.POST.get("value", "")
    try:
        customers.told_identity(customer, kind, value, source="staff")
    except customers.BadIdentity:
        messages.error(request, _("This is no valid email address or number. Nothing was changed."))
    except customers.IdentityTaken:
        messages.warning(
            request, _("Another customer has it. The two are listed as possible duplicates.")
        )
    else:
        messages.success(request, _("They are recognised by it from now on."))
    return redirect("admin:crm_customer_change", pk)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    user: Any = request.user
    identity = get_object_or_404(rights.removable_identities(user), pk=pk)
    customers.forget_identity(identity)
    messages.success(request, _("They are not recognised by it any more."))
    return redirect("admin:crm_customer_change", identity.customer_id)


register_page("customers/<int:pk>/identities/", add, "identity_add", permission="crm.add_identity")
register_page(
    "customers/identities/<int:pk>/remove/", remove, "identity_remove",
    permission="crm.delete_identity",
)  # fmt: skip
