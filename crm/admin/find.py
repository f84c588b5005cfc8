"""Search over everything: customers, exchanges by number, and what was said."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from crm.admin.pages import register_page
from crm.models import Interaction, Organisation
from crm.services import rights, search
from crm.services.finding import find_customers

MAY_SEE = "crm.view_interaction"
_PEOPLE, _HOUSES = 8, 5


@never_cache
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """`?q=`; `sort=new` puts the newest first; `after` is a page's cursor. While one types
    (`typing`) no whole identity is looked for: such questions are counted."""
    term = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    best = request.GET.get("sort") != "new"
    try:
        hits = search.find_messages(
            request.user, term, best=best, after=request.GET.get("after", "")
        )
    except search.BadCursor:
        hits = search.find_messages(request.user, term, best=best)
    first = not request.GET.get("after")
    people = _people(request, term) if first else []
    whole = first and term and not people and "typing" not in request.GET
    context = {
        **admin.site.each_context(request),
        "title": _("Search"),
        "term": term,
        "best": best,
        "hits": hits,
        "people": people,
        "houses": _houses(request, term) if first else [],
        "exchanges": _exchanges(request, term) if first else [],
        "closed_record": whole and closed_record(request.user, term),
        "first": first,
    }
    return TemplateResponse(request, "crm/find/page.html", context)


def _people(request: HttpRequest, term: str) -> list[Any]:
    if not term or not request.user.has_perm("crm.view_customer"):  # type: ignore[union-attr]
        return []
    found = find_customers(term, within=rights.customers_for(request.user))
    return list(found.select_related("organisation").prefetch_related("identities")[:_PEOPLE])


def _houses(request: HttpRequest, term: str) -> list[Organisation]:
    if not term or not request.user.has_perm("crm.view_organisation"):  # type: ignore[union-attr]
        return []
    wanted = Q(name__istartswith=term) | Q(domains__name__istartswith=term)
    return list(Organisation.objects.filter(wanted).distinct()[:_HOUSES])


def _exchanges(request: HttpRequest, term: str) -> list[Interaction]:
    found = Interaction.objects.by_reference(term).visible_to(request.user)
    return list(found.select_related("customer", "queue")[:3])


def closed_record(user: Any, term: str) -> bool:
    """Somebody owns exactly this identity, and the user's queues do not lead to them."""
    if not user.has_perm("crm.view_customer"):
        return False
    try:
        found = rights.by_exact_identity(user, term)
    except rights.TooMany:
        return False
    return found is not None and not rights.may_see(user, found)


@require_POST
def open_record(request: HttpRequest) -> HttpResponse:
    """Open the record of whoever owns exactly this identity, for the length of a shift."""
    try:
        found = rights.open_by_identity(request.user, request.POST.get("identity", ""))
    except rights.TooMany:
        found = None
    if found is None:
        messages.warning(request, _("Nobody has exactly this identity."))
        return redirect("admin:find")
    return redirect("admin:crm_customer_change", found.pk)


register_page("find/", page, "find", gettext_lazy("Search"), "search", MAY_SEE, "customers")
register_page("find/open/", open_record, "find_open", permission="crm.view_customer")
