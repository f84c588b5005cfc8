"""How states and channels look in the console; one place for their words, shapes and icons."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm import registry
from crm.models import Interaction, Status

register = template.Library()

# a shape beside the word, so that colour is never alone
_BADGES = {
    Status.WAITING: ("wait-me", "▲"),
    Status.ACTIVE: ("wait-me", "●"),
    Status.PENDING: ("", "◐"),
    Status.CLOSED: ("done", "✓"),
}


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
def channel_icon(name: str) -> str:
    known = {channel.name: channel.icon for channel in registry.channels()}
    return known.get(name, "forum")
