"""The page with everything about one customer."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Avg, Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from crm import registry
from crm.models import Consent, Customer, Interaction, Message, Visit
from crm.services import audit, customers, own_fields, rights, timeline

_LINES = 60  # of an unfolded exchange; the rest is read on its own page
_MOST_TAGS = 20


def page(request: HttpRequest, customer: Customer, edit_url: str) -> HttpResponse:
    audit.saw(request.user, customer, customer.pk)
    seen = Interaction.objects.visible_to(request.user).filter(customer=customer)
    visits = rights.visits_for(request.user).filter(customer=customer)
    line = time_line(request, seen, visits)
    if line is None:
        return redirect("admin:crm_customer_change", customer.pk)
    user: Any = request.user
    context = {
        **admin.site.each_context(request),
        "title": str(customer),
        "opts": Customer._meta,
        "original": customer,
        "customer": customer,
        "identities": list(customer.identities.all()),
        "removable": set(
            rights.removable_identities(user).filter(customer=customer).values_list("pk", flat=True)
        ),
        "may_tell": user.has_perm("crm.add_identity"),
        "told": [(kind.value, kind.label) for kind in customers.TOLD],
        "own": own_fields.shown(customer),
        "tags": list(customer.tags.all()),
        "consents": _consents(customer),
        "notes": list(customer.notes.select_related("author")[:20]),
        "suggestions": _suggestions(request, customer),
        "merges": list(customer.merges.filter(undone_at=None).select_related("gone", "by")[:10]),
        "open_work": list(seen.open().select_related("queue", "agent").order_by("-opened_at")[:10]),
        "satisfaction": satisfaction(seen),
        **line,
        "may_note": user.has_perm("crm.add_note"),
        "may_change": bool(edit_url),
        "may_merge": user.has_perm("crm.add_merge"),
        "edit_url": edit_url,
    }
    return TemplateResponse(request, "crm/admin/customer.html", context)


def time_line(
    request: HttpRequest, interactions: QuerySet[Interaction], visits: QuerySet[Visit]
) -> dict[str, Any] | None:
    """What crm/admin/_line.html shows; None: the cursor is not ours."""
    filters = _filters()
    only = request.GET.get("only", "")
    only = only if only in {name for name, _label, _icon in filters} else ""
    try:
        found = timeline.page(
            interactions=interactions, visits=visits, only=only, after=request.GET.get("after", "")
        )
    except timeline.BadCursor:
        return None
    return {
        "line": found.entries,
        "older": found.older,
        "later": "after" in request.GET,
        "only": only,
        "filters": filters,
    }


def _filters() -> list[tuple[str, str, str]]:
    return [
        ("", _("Everything"), "timeline"),
        *((one.name, str(one.label), one.icon) for one in registry.channels()),
        ("visit", _("Visits"), "travel_explore"),
    ]


def _consents(customer: Customer) -> list[Consent]:
    """The last word on each purpose."""
    rows = customer.consents.order_by("purpose", "-at", "-pk").distinct("purpose")
    return list(rows)


def _suggestions(request: HttpRequest, customer: Customer) -> list[dict[str, Any]]:
    """Who may be the same person, as far as the user may see them."""
    found = list(customers.open_suggestions(customer)[:5])
    others = {row.pk: row.younger if row.elder_id == customer.pk else row.elder for row in found}
    seen = set(
        rights.customers_for(request.user)
        .filter(pk__in=[other.pk for other in others.values()])
        .values_list("pk", flat=True)
    )
    return [{"row": row, "other": others[row.pk]} for row in found if others[row.pk].pk in seen]


def satisfaction(seen: Any) -> dict[str, float | int | None]:
    return seen.aggregate(
        exchanges=Count("pk"),
        rated=Count("score"),
        mean=Avg("score"),
        happy=Count("pk", filter=Q(score__gte=4)),
    )


@require_GET
def said(request: HttpRequest, pk: int, exchange: int) -> HttpResponse:
    """An exchange of the timeline, unfolded: its last lines."""
    row = Interaction.objects.visible_to(request.user).filter(pk=exchange, customer=pk).first()
    if row is None:
        raise Http404
    lines = row.messages.filter(deleted_at=None).exclude(kind=Message.Kind.EVENT)
    last = list(lines.select_related("agent").order_by("-pk")[: _LINES + 1])
    context = {
        "interaction": row,
        "said": last[:_LINES][::-1],
        "more": len(last) > _LINES,
        "own": own_fields.shown(row),
    }
    return render(request, "crm/admin/_said.html", context)


@require_POST
def tag(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """Words with commas between them; the record has these tags then."""
    user: Any = request.user
    if not user.has_perm("crm.change_customer"):
        raise PermissionDenied
    customer = get_object_or_404(rights.customers_for(user), pk=pk)
    customers.set_tags(customer, request.POST.get("tags", "").split(",")[:_MOST_TAGS])
    return redirect("admin:crm_customer_change", pk)
