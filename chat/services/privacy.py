"""What a chat holds of persons beside its lines: the name given, the page."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F

from chat.models import Chat

_TOLD = ("visitor_name", "page_url", "page_title", "order_reference", "order_amount")


def collect(keys: Sequence[int]) -> list[dict[str, Any]]:
    rows = Chat.objects.filter(interaction__in=keys).order_by("pk")
    return [dict(row) for row in rows.values(*_TOLD)]


def erase(keys: Sequence[int]) -> None:
    """No token given out for these chats opens them any more; what they sold stays to be
    counted, whose order it was goes."""
    Chat.objects.filter(interaction__in=keys).update(
        visitor_name="",
        page_url="",
        page_title="",
        order_reference="",
        token_version=F("token_version") + 1,
    )
