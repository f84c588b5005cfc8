"""The rows of the console's lists. Unfold works out the headers again for each row, and the way to
each row again too; here a page's columns are worked out once."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django import template
from django.contrib.admin.templatetags import admin_list
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.urls import NoReverseMatch
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.templatetags import unfold_list
from unfold.utils import (
    display_for_dropdown,
    display_for_field,
    display_for_header,
    display_for_label,
    display_for_value,
)

register = template.Library()

_LINK = " ".join(unfold_list.LINK_CLASSES)
_ROW = (
    "data-row block border border-base-200 mb-3 relative rounded-default lg:table-row "
    "lg:border-none lg:mb-0 lg:rounded-none dark:border-base-800"
)
_BODIES = [
    f'<tbody class="block relative lg:table-row-group {shade}"><tr class="{_ROW}">'
    for shade in ("", "bg-base-50 dark:bg-white/[.02]")
]


@register.inclusion_tag("crm/admin/_rows.html", takes_context=True)
def quick_list(context: template.Context, cl: Any) -> dict[str, Any]:
    headers = list(unfold_list.result_headers(cl))
    return {
        "cl": cl,
        "result_headers": headers,
        "num_sorted_fields": sum(bool(each.get("sorted")) for each in headers),
        "lines": mark_safe("".join(_lines(cl, headers))),  # noqa: S308 (escaped below)
        "has_add_permission": cl.model_admin.has_add_permission(context["request"]),
    }


@register.filter
def is_plain(cl: ChangeList) -> bool:
    """Only looked at: nothing is typed into its rows, nor are they moved, opened or acted upon."""
    admin: Any = cl.model_admin
    moved = getattr(admin, "ordering_field", None) or getattr(admin, "list_sections", None)
    return not (cl.formset or moved or getattr(admin, "actions_row", None))


def _lines(cl: ChangeList, headers: list[dict[str, Any]]) -> Iterator[str]:
    """Each row as unfold draws it."""
    columns = list(_columns(cl, headers))
    way, show = _Way(cl), _Shown(cl)
    for number, row in enumerate(cl.result_list):
        cells = []
        for column in columns:
            shown, is_moment = show(column.name, row)
            text = shown if isinstance(shown, SafeString) else html.escape(str(shown))
            if column.leads_on:
                text = way.to(row, text)
            cells.append(f"{column.before[is_moment]}{text}{column.after}")
        body, line = _BODIES[number % 2], "".join(cells)
        yield f"{body}{line}</tr></tbody>"


@dataclass(frozen=True, slots=True)
class _Column:
    name: Any  # or a function of the row
    leads_on: bool
    before: tuple[SafeString, SafeString]  # the second for what must not wrap: moments, keys
    after: str


def _columns(cl: ChangeList, headers: list[dict[str, Any]]) -> Iterator[_Column]:
    links: Any = cl.list_display_links
    has_link = False
    for position, (name, header) in enumerate(zip(cl.list_display, headers, strict=True)):
        leads_on = links is not None and (name in links or not (links or has_link))
        tag = "th" if leads_on and not has_link else "td"
        has_link = has_link or leads_on
        field: Any = admin_list._coerce_field_name(name, position)  # type: ignore[attr-defined]
        classes = [f"field-{field}", *unfold_list.ROW_CLASSES]
        if name == "action_checkbox":
            classes = unfold_list.CHECKBOX_CLASSES
        label = header["text"] if position or leads_on else _("Select record")
        before = [
            format_html('<{} class="{}" data-label="{}">', tag, " ".join(each), capfirst(label))
            for each in (classes, [*classes, "nowrap"])
        ]
        yield _Column(name, leads_on, (before[0], before[1]), f"</{tag}>")


class _Way:
    """From a row to its page and, from there, back to the list as it is."""

    def __init__(self, cl: ChangeList) -> None:
        self.cl = cl
        self.back: str | None = None  # the same behind each row's address

    def to(self, row: models.Model, text: str) -> str:
        """As a link around what is escaped already."""
        cl: Any = self.cl
        try:
            url = cl.url_for_result(row)
        except NoReverseMatch:
            return text
        if self.back is None:
            kept = {"preserved_filters": cl.preserved_filters, "opts": cl.opts}
            self.back = add_preserved_filters(kept, url).removeprefix(url)
        opener = ""
        if cl.is_popup:
            key = row.serializable_value(str(cl.to_field or cl.lookup_opts.pk.attname))
            opener = f' data-popup-opener="{html.escape(str(key))}"'
        return f'<a href="{html.escape(url + self.back)}" class="{_LINK}"{opener}>{text}</a>'


class _Shown:
    """A cell's content, and whether it must not wrap."""

    def __init__(self, cl: ChangeList) -> None:
        self.admin: Any = cl.model_admin
        self.empty = self.admin.get_empty_value_display()

    def __call__(self, name: Any, row: models.Model) -> tuple[Any, bool]:
        try:
            field, attr, value = lookup_field(name, row, self.admin)
        except ObjectDoesNotExist:
            return self.empty, False
        if field is None or field.auto_created:
            return self._made(name, row, attr, value), isinstance(value, date | time)
        if isinstance(field.remote_field, models.ManyToOneRel):
            other = getattr(row, field.name)
            return (self.empty if other is None else other), True
        is_moment = isinstance(field, models.DateField | models.TimeField)
        return display_for_field(value, field, self.empty), is_moment

    def _made(self, name: str, row: models.Model, attr: Any, value: Any) -> Any:
        """What a method or an attribute gives, by its decorator."""
        empty = getattr(attr, "empty_value_display", self.empty)
        if label := getattr(attr, "label", False):
            return display_for_label(value, empty, label)
        if getattr(attr, "dropdown", False):
            return display_for_dropdown(row, name, value, empty)
        if getattr(attr, "header", False):
            return display_for_header(value, empty)
        return display_for_value(value, empty, getattr(attr, "boolean", False))
