"""What a chat holds of persons beside its lines: the name given, the page."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F

from chat.models import Chat


def collect(keys: Sequence[int]) -> list[dict[str, Any]]:
    rows = Chat.objects.filter(interaction__in=keys).order_by("pk")
    return [dict(row) for row in rows.values("visitor_name", "page_url", "page_title")]


def erase(keys: Sequence[int]) -> None:
    """No token given out for these chats opens them any more."""
    Chat.objects.filter(interaction__in=keys).update(
        visitor_name="", page_url="", page_title="", token_version=F("token_version") + 1
    )
