"""Long lists in good time: unfold works out the same things again for each row."""

from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from unfold.views import ChangeList


class QuickList(ChangeList):
    """Remembers what a click on each header leads to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._leads_to: dict[Any, str] = {}
        super().__init__(*args, **kwargs)

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        asked = (frozenset((new_params or {}).items()), tuple(remove or ()))
        if asked not in self._leads_to:
            self._leads_to[asked] = super().get_query_string(new_params, remove)
        return self._leads_to[asked]


@lru_cache(1_000)
def badge(text: str, tone: str = "") -> SafeString:
    """A word on a coloured ground, as unfold draws it."""
    context = {"label": text, "label_type": tone, "multiple": False}
    return render_to_string("unfold/helpers/display_label.html", context)
