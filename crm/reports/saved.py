"""Saved views: who may keep, share and open which."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, QueryDict

from crm.models import ReportView, User
from crm.reports import cut


class NotSaved(ValueError):
    """The view cannot be kept: `str()` says which part is wrong."""


@dataclass(frozen=True)
class Offer:
    """What a page of figures says of views: those there are of it, and what would be saved."""

    page: str
    query: str
    views: list[ReportView]
    roles: list[Group]
    may_save: bool


def offer(request: HttpRequest) -> Offer:
    """Of the page that is being shown."""
    match = request.resolver_match
    page = match.url_name or "" if match else ""
    user: Any = request.user
    return Offer(
        page,
        request.GET.urlencode(),
        list(ReportView.objects.visible_to(user).filter(page=page)),
        list(Group.objects.order_by("pk")),
        user.has_perm("crm.add_reportview"),
    )


@transaction.atomic
def save(owner: User, name: str, page: str, query: str, roles: list[Group]) -> ReportView:
    """Under the same name: anew. Raises NotSaved; the caller vouches for the page."""
    name = name.replace("\0", "").strip()[:80]
    if not name:
        raise NotSaved("name")
    view, _made = ReportView.objects.update_or_create(
        owner=owner, name=name, defaults={"page": page, "query": cleaned(query)}
    )
    view.roles.set(roles)
    return view


def cleaned(query: str) -> str:
    """A question without what it does not need. Raises NotSaved."""
    asked = QueryDict(query, mutable=True)
    for name in ("csrfmiddlewaretoken", "after"):
        asked.pop(name, None)
    for name in [name for name, value in asked.items() if not value]:
        del asked[name]
    found = asked.urlencode()
    try:
        cut.read(asked)
    except cut.BadQuestion as error:
        raise NotSaved("query") from error
    if len(found) > 1000:
        raise NotSaved("query")
    return found
