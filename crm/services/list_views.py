"""Lists kept under a name: what of an address is the question, and who may change it."""

from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.http import QueryDict

from crm.models import ListView, User

_LONGEST = 1000
# the page one is on, and what pickers add: no part of the question
_PASSING = ("p", "e", "all", "_popup", "_to_field", "_changelist_filters")


class NotKept(ValueError):
    """No name, or a question too long."""


def question(address: str) -> str:
    """The part of a list's query string that is kept; the same question is the same text."""
    given = QueryDict(address, mutable=True)
    for name in _PASSING:
        given.pop(name, None)
    pairs = sorted((key, value) for key, values in given.lists() for value in values)
    kept = QueryDict(mutable=True)
    for key, value in pairs:
        kept.appendlist(key, value)
    return kept.urlencode()


@transaction.atomic
def keep(owner: User, of: str, name: str, address: str, roles: list[Group]) -> ListView:
    """Under this name from now on; what the owner called so before, in this list, is replaced."""
    name, asked = name.strip(), question(address)
    if not name or len(name) > 80 or len(asked) > _LONGEST or "\x00" in name + asked:
        raise NotKept
    view, _new = ListView.objects.update_or_create(
        owner=owner, of=of, name=name, defaults={"query": asked}
    )
    view.roles.set(roles)
    return view


def offered(user: Any, of: str) -> list[ListView]:
    """Of this list: mine, and those shared with a role of mine."""
    views = list(ListView.objects.visible_to(user).filter(of=of))
    others = User.objects.in_bulk({view.owner_id for view in views} - {user.pk})
    for view in views:
        view.owner = others.get(view.owner_id, user)
    return views
