"""What browsers' sessions remember of persons: who is signed in and by which address."""

from collections.abc import Collection

from django.contrib.sessions.models import Session

from crm import clock

_AT_ONCE = 1_000


def forget(user_ids: Collection[int]) -> None:
    """Of these accounts. A session says whose it is in its packed text only: all are read."""
    names = {str(key) for key in user_ids}
    rows = Session.objects.iterator(chunk_size=_AT_ONCE) if names else ()
    theirs = [row.pk for row in rows if row.get_decoded().get("_auth_user_id") in names]
    Session.objects.filter(pk__in=theirs).delete()


def forget_expired() -> int:
    """Nobody comes back to them."""
    return Session.objects.filter(expire_date__lt=clock.wall()).delete()[0]
