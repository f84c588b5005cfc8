"""Raw bytes that no mail names any more."""

from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.db import transaction

from tickets.models import Mail


def drop_unused(names: Iterable[str]) -> None:
    """After the commit; a file that another mail names too stays for that one."""
    given = set(names) - {""}

    def remove() -> None:
        for name in given:
            if not Mail.objects.filter(source=name).exists():
                default_storage.delete(name)

    transaction.on_commit(remove)
