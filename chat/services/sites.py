"""Where the widget may live, and which subject a page is about."""

from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote, urlsplit

from chat.models import InvitationRule, Site
from crm import text
from crm.models import Subject


def ensure(key: str, **fields: Any) -> Site:
    """Make the site, or bring it to these fields: the demo's addresses move with its port."""
    site, _made = Site.objects.update_or_create(key=key, defaults=fields)
    return site


def ensure_rule(site: Site, name: str, **fields: Any) -> InvitationRule:
    """The rule of that name on that site, with these fields."""
    rule, _made = InvitationRule.objects.update_or_create(site=site, name=name, defaults=fields)
    return rule


def path_of(address: str) -> str:
    """What patterns are compared with: the folded path, never the query (it may hold a search)."""
    return text.fold(unquote(urlsplit(address).path)) or "/"


def on_page(patterns: list[str], address: str) -> bool:
    path = path_of(address)
    return any(fnmatchcase(path, text.fold(pattern)) for pattern in patterns)


def rules_of(site: Site, address: str) -> list[InvitationRule]:
    """The rules in use whose pages this address is one of, first in line first."""
    rules = site.rules.filter(is_active=True).select_related(
        "subject__queue__schedule", "subject__schedule", "subject__off_hours_queue__schedule"
    )
    return [rule for rule in rules if on_page(rule.pages, address)]


def subject_of(site: Site, address: str, slug: str = "") -> Subject | None:
    """What the page is about: what its tag says, else its first rule, else the site's default."""
    known = Subject.objects.filter(is_active=True).select_related(
        "queue__schedule", "schedule", "off_hours_queue__schedule"
    )
    if slug and (said := known.called(slug).first()):
        return said
    if rule := next(iter(rules_of(site, address)), None):
        return rule.subject
    return known.filter(pk=site.subject_id).first() if site.subject_id else None
