"""Long lists in good time (and crm/templatetags/quick_list.py)."""

from functools import lru_cache
from typing import Any

from django.core.paginator import Page
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.paginator import InfinitePaginator

_DEEP = 500  # rows before a page


class QuickPaginator(InfinitePaginator):
    """Counts nothing. A deep page finds its keys first: the rows before it are passed over
    without their neighbours and what is worked out of them."""

    def page(self, number: int | str) -> Page:
        at = self.validate_number(number)
        first = (at - 1) * self.per_page
        rows: Any = self.object_list
        if first < _DEEP:
            return super().page(at)
        keys = rows.values("pk")[first : first + self.per_page]
        return self._get_page(rows.filter(pk__in=keys), at, self)


@lru_cache(1_000)
def badge(text: str, tone: str = "") -> SafeString:
    """A word on a coloured ground, as unfold draws it."""
    context = {"label": text, "label_type": tone, "multiple": False}
    return render_to_string("unfold/helpers/display_label.html", context)
