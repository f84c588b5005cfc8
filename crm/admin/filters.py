"""Filters of lists without end: Django's asks the whole table which values there are."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import get_last_value_from_parameters
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from crm import registry

Known = list[tuple[Any, Any]]


class _KnownFilter(admin.FieldListFilter):
    """The same addresses as Django's; the values and their words are known without the table."""

    known: Callable[[], Known]

    def __init__(
        self, field: Any, request: Any, params: Any, model: Any, model_admin: Any, field_path: str
    ) -> None:
        self.lookup_kwarg, self.lookup_kwarg_isnull = field_path, f"{field_path}__isnull"
        self.asked = get_last_value_from_parameters(params, self.lookup_kwarg)
        self.asked_none = get_last_value_from_parameters(params, self.lookup_kwarg_isnull)
        self.values = type(self).known()
        super().__init__(field, request, params, model, model_admin, field_path)

    def expected_parameters(self) -> list[str | None]:
        return [self.lookup_kwarg, self.lookup_kwarg_isnull]

    def get_facet_counts(self, pk_attname: str, filtered_qs: Any) -> dict[str, Count]:
        return {
            f"{place}__c": Count(pk_attname, filter=Q(**self._asking(value)))
            for place, (value, _word) in enumerate(self.values)
        }

    def choices(self, changelist: Any) -> Iterator[Any]:
        facets = self.get_facet_queryset(changelist) if changelist.add_facets else {}
        nothing = self.asked is None and self.asked_none is None
        ours = self.expected_parameters()
        all_of_them = changelist.get_query_string(remove=ours)
        yield {"selected": nothing, "query_string": all_of_them, "display": _("All")}
        for place, (value, word) in enumerate(self.values):
            here = self.asked_none == "True" if value is None else self.asked == str(value)
            yield {
                "selected": here,
                "query_string": changelist.get_query_string(self._asking(value), ours),
                "display": f"{word} ({facets[f'{place}__c']})" if facets else word,
            }

    def _asking(self, value: Any) -> dict[str, Any]:
        if value is None:
            return {self.lookup_kwarg_isnull: True}
        return {self.lookup_kwarg: value}


def known(values: Callable[[], Known]) -> type[_KnownFilter]:
    """`values`: each with its word; None for rows without one."""
    return type("KnownFilter", (_KnownFilter,), {"known": staticmethod(values)})


ScoreFilter = known(lambda: [*((score, str(score)) for score in range(1, 6)), (None, "–")])
ChannelFilter = known(lambda: [(each.name, each.label) for each in registry.channels()])
