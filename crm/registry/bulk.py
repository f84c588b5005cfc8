"""What can be done to many records at once, and taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from crm.models import User


class Skipped(Exception):
    """Not done to this record: said in words, to whoever reads the run's page."""


@dataclass(frozen=True)
class BulkAct:
    """One thing to do to each of many. Everything runs in a transaction of the record's own."""

    name: str
    label: str | Promise
    model: type[Model]
    permission: str
    # the records that this colleague may do it to, at the moment it is done
    rows: Callable[[User], QuerySet[Any]]
    # as JSON: what it is before and after; where it is not as `do` left it, it is not undone
    state: Callable[[Any], dict[str, Any]]
    # locks the record. Raises Skipped
    do: Callable[[Any, User, dict[str, Any]], None]
    # from the record and what it was before. Raises Skipped; None: cannot be undone
    undo: Callable[[Any, User, dict[str, Any]], None] | None = None


_acts: dict[str, BulkAct] = {}


def register_bulk_act(act: BulkAct) -> None:
    _acts[act.name] = act


def bulk_act(name: str) -> BulkAct | None:
    return _acts.get(name)


def bulk_acts(model: type[Model]) -> list[BulkAct]:
    return [act for act in _acts.values() if act.model is model]
