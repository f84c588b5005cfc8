"""Messages as the screens get them: live, and after they were away."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

from django.templatetags.static import static

from crm.models import Interaction, Message

Audience = Literal["staff", "customer"]
STAFF: Audience = "staff"
CUSTOMER: Audience = "customer"

CATCH_UP_LIMIT = 500  # messages in one answer; the screen asks again for the rest


def groups_of(interaction_id: int, agent_id: int | None, audience: Audience) -> list[str]:
    """Who gets a message frame: who has the interaction open, and on the desk who holds it."""
    groups = [f"i:{interaction_id}:{audience}"]
    if audience == STAFF and agent_id:
        groups.append(f"agent:{agent_id}")
    return groups


def serialise(message: Message, audience: Audience) -> dict[str, Any]:
    """One message as a frame of docs/protocol.md. A deleted one keeps its place, not its words."""
    deleted = message.deleted_at is not None
    agent = message.agent
    return frame(
        audience,
        interaction_id=message.interaction_id,
        seq=message.staff_seq if audience == STAFF else message.customer_seq,
        id=message.pk,
        kind=str(message.kind),
        author=str(message.author),
        agent=(agent.pk, agent.display_name, agent.picture) if agent else None,
        text="" if deleted else message.text,
        body={} if deleted else message.body,
        at=message.created_at,
        client_id=message.client_id,
        edited=message.edited_at is not None,
        deleted=deleted,
    )


def frame(
    audience: Audience,
    *,
    interaction_id: int,
    seq: int | None,
    id: int,
    kind: str,
    author: str,
    agent: tuple[int, str, str] | None,
    text: str,
    body: Mapping[str, Any],
    at: datetime,
    client_id: str | None,
    edited: bool = False,
    deleted: bool = False,
) -> dict[str, Any]:
    """The one place that knows the shape of a message frame."""
    return {
        "t": "message",
        "i": interaction_id,
        "seq": seq,
        "m": {
            "id": id,
            "kind": kind,
            "author": author,
            "agent": face(agent, audience) if agent else None,
            "text": text,
            "body": body,
            "at": iso(at),
            "edited": edited,
            "deleted": deleted,
            "client_id": client_id,
        },
    }


def face(agent: tuple[int, str, str], audience: Audience) -> dict[str, Any]:
    """What an audience sees of an agent: the number is for colleagues only."""
    number, name, picture = agent
    shown: dict[str, Any] = {"name": name, "picture": picture_url(picture)}
    return {"id": number, **shown} if audience == STAFF else shown


@lru_cache(maxsize=1024)
def picture_url(picture: str) -> str:
    """The address of an agent's picture: media URLs stand as they are, the rest is static."""
    if not picture or picture.startswith(("/", "http:", "https:", "data:")):
        return picture
    try:
        return static(picture)
    except ValueError:  # not collected: no picture is better than no line
        return ""


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def frames_after(
    interaction: Interaction | int, audience: Audience, seq: int, *, limit: int = CATCH_UP_LIMIT
) -> list[dict[str, Any]]:
    """What changed for an audience after its number `seq`, as the frames it missed, in order.

    A message changed twice comes once, with its last number: numbers here may jump."""
    key = interaction if isinstance(interaction, int) else interaction.pk
    number = f"{audience}_seq"
    messages = (
        Message.objects.filter(**{"interaction": key, f"{number}__gt": seq})
        .select_related("agent")
        .order_by(number)[:limit]
    )
    return [serialise(message, audience) for message in messages]


def catch_up(interaction_id: int, audience: Audience, after: int) -> dict[str, Any]:
    """The answer to "what since `after`?": frames, and the number the screen then stands at.

    `after` above our own number is a screen from before a restore: it starts from nothing."""
    numbers = Interaction.objects.values_list("staff_seq", "customer_seq").get(pk=interaction_id)
    last = numbers[0] if audience == STAFF else numbers[1]
    reset = after > last
    if reset:
        after = 0
    frames = frames_after(interaction_id, audience, after)
    more = len(frames) == CATCH_UP_LIMIT
    # frames may hold numbers given since `last` was read; without any, `last` itself is reached
    reached = frames[-1]["seq"] if frames else last
    answer = {
        "t": "since",
        "i": interaction_id,
        "after": after,
        "seq": reached,
        "more": more,
        "frames": frames,
    }
    return {**answer, "reset": True} if reset else answer
