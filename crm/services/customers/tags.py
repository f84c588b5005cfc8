"""The words colleagues sort customers by."""

from collections.abc import Iterable

from django.db import transaction

from crm.models import Customer, Tag
from crm.text import sort_key


@transaction.atomic
def set_tags(customer: Customer, names: Iterable[str]) -> None:
    """The customer has these tags and no others. A new word becomes a tag; another spelling of a
    known one is that one."""
    wanted: dict[str, str] = {}
    for name in names:
        clean = " ".join(name.replace("\x00", "").split())[:40]
        if key := sort_key(clean)[:60]:
            wanted.setdefault(key, clean)
    Tag.objects.bulk_create(
        [Tag(name=name, key=key) for key, name in wanted.items()], ignore_conflicts=True
    )
    customer.tags.set(Tag.objects.filter(key__in=wanted))
