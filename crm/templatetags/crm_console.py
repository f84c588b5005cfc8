"""How states and channels look in the console; one place for their words, shapes and icons."""

from typing import Any

import phonenumbers
from django import template
from django.contrib.auth.models import Group
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm import registry
from crm.models import Identity, Interaction, Status
from crm.reports import paper
from crm.services import list_views as services
from crm.services import roles

register = template.Library()

# a shape beside the word, so that colour is never alone
_BADGES = {
    Status.WAITING: ("wait-me", "▲"),
    Status.ACTIVE: ("wait-me", "●"),
    Status.PENDING: ("", "◐"),
    Status.CLOSED: ("done", "✓"),
}

# Identity.source in words; what is not here is a channel's name or is shown as it was stored
_SOURCES = {
    "account": gettext_lazy("from their account"),
    "api": gettext_lazy("through the API"),
    "call": gettext_lazy("from a call"),
    "demo": gettext_lazy("demo data"),
    "import": gettext_lazy("from an import"),
    "portal": gettext_lazy("on the help portal"),
    "staff": gettext_lazy("by a colleague"),
}
_LONGEST_KEY = 12


@register.simple_tag
def pdf_lacking() -> str:
    """What to do where this machine cannot draw PDFs; "" where it can."""
    return "" if paper.is_possible() else paper.lacking()


@register.simple_tag
def state_badge(interaction: Interaction) -> SafeString:
    tone, shape = _BADGES[Status(interaction.status)]
    return format_html(
        '<span class="b-badge {}">{} {}</span>', tone, shape, interaction.get_status_display()
    )


@register.simple_tag
def channel_label(name: str) -> str:
    known = {channel.name: channel.label for channel in registry.channels()}
    return str(known.get(name, name))


@register.simple_tag
def role_label(name: str) -> str:
    """A shipped role in the reader's language; one of their own as they called it."""
    return str(roles.LABELS.get(name, name))


@register.simple_tag
def channel_icon(name: str) -> str:
    known = {channel.name: channel.icon for channel in registry.channels()}
    return known.get(name, "forum")


def in_groups(number: str) -> str:
    """+33199001234 as people read it; what is no number stays."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    shape = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, shape).replace(" ", "\u00a0")


@register.simple_tag
def identity_value(identity: Identity) -> str:
    """As people read it: a number in groups, a browser's random key by its beginning."""
    if identity.kind == Identity.Kind.PHONE:
        return in_groups(identity.value)
    if identity.kind == Identity.Kind.VISITOR and len(identity.value) > _LONGEST_KEY:
        return f"{identity.value[:_LONGEST_KEY]}…"
    return identity.value


@register.simple_tag
def where_from(source: str) -> str:
    """Which door told us, in words."""
    name, _colon, site = source.partition(":")
    if site:
        return _("chat on %(site)s") % {"site": site}
    return str(_SOURCES.get(name) or channel_label(name))


@register.inclusion_tag("crm/admin/_list_views.html", takes_context=True)
def list_views(context: template.Context, meta: Any) -> dict[str, Any]:
    """The saved views above one of the console's lists, and the way to keep this one."""
    request: Any = context["request"]
    here = services.question(request.GET.urlencode())
    of = f"{meta.app_label}.{meta.model_name}"
    views = services.offered(request.user, of)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "perms": context.get("perms"),
        "of": of,
        "here": here,
        "views": views,
        "mine": next((v for v in views if v.query == here and v.owner_id == request.user.pk), None),
        "roles": Group.objects.order_by("pk") if here else (),
    }
