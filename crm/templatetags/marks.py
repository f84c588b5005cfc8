"""What a colleague wrote, with its marks as what they mean: as the desk and the visitor's window
show it (crm/desk/marks.js). What customers write stays as they wrote it."""

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
# JavaScript's, where only ASCII makes a word
MARKED = re.compile(
    r"""(https?://[^\s<>"']*[^\s<>"'.,;:!?)\]]|(?a:\B)\*+[^*\s][^*\n]*\*+|`[^`\n]+`)"""
)


@register.filter
def marked(text: str) -> SafeString:
    """Safe HTML: **bold**, *italic*, `code` and addresses; everything else as it stands."""
    parts = (_mark(part) if n % 2 else conditional_escape(part)
             for n, part in enumerate(MARKED.split(text)))  # fmt: skip
    return mark_safe("".join(parts))  # noqa: S308 (each part is escaped)


def _mark(part: str) -> SafeString:
    if part.startswith("http"):
        return format_html('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>', part)
    tag = "strong" if part[1] == "*" else "em" if part[0] == "*" else "code"
    return format_html("<{0}>{1}</{0}>", SafeString(tag), re.sub("[*`]", "", part))
