"""Somebody else who is in the middle of something."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from crm.models import Interaction


@contextmanager
def locked(interaction: Interaction) -> Iterator[threading.Event]:
    """Another transaction holds the row, until what this gives is set."""
    ready, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Interaction.objects.select_for_update().get(pk=interaction.pk)
            ready.set()
            release.wait(5)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert ready.wait(5)
    try:
        yield release
    finally:
        release.set()
        holder.join()
