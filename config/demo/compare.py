"""The ledger of the simulated people against the database, to the last line, mail and survey.

What was acknowledged is stored once and in order; what was seen is there; what was sent without an
answer is there at most once."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from crm.models import Interaction, Message
from selfcare.models import Answer, Callback, CallbackAttempt
from tickets.models import Mail

Entry = dict[str, Any]
Entries = dict[str, list[Entry]]


def entries(folder: Path) -> Entries:
    """By what they tell; a last line cut off by a death of its writer is none."""
    found: Entries = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n")[:-1]:
            entry = orjson.loads(line)
            found[entry["what"]].append(entry)
    return found


def differences(told: Entries) -> Iterator[str]:
    for check in _CHECKS:
        yield from check(told)


def compared(told: Entries) -> dict[str, int]:
    return {what: len(told[what]) for what in ("ack", "saw", "mailed", "asked", "rated", "voted")}


def _lines(told: Entries) -> Iterator[str]:
    """Said, acknowledged, stored: once each, as they were written."""
    said = {one["client_id"]: one["text"] for what in _SAID for one in told[what]}
    rows = Message.objects.filter(client_id__in=said, kind=Message.Kind.TEXT)
    stored = Counter(rows.values_list("client_id", flat=True))
    texts = dict(rows.values_list("client_id", "text"))
    for client_id, count in stored.items():
        if count > 1:
            yield f"line {client_id} is stored {count} times"
        if texts[client_id] != said[client_id]:
            yield f"line {client_id} reads {texts[client_id]!r}, written {said[client_id]!r}"
    for one in [*told["ack"], *told["posted"]]:
        if one["client_id"] not in stored:
            yield f"line {one['client_id']} of {one['i']} was acknowledged and is not stored"


def _order(told: Entries) -> Iterator[str]:
    """Each side's acknowledged lines of a chat stand in the order in which they were written."""
    known = {one["client_id"] for one in told["ack"]}
    written: dict[tuple[int, str], list[str]] = defaultdict(list)
    for one in told["say"]:
        if one["client_id"] in known:
            written[one["i"], one["by"]].append(one["client_id"])
    keys = [key for keys in written.values() for key in keys]
    numbers = dict(Message.objects.filter(client_id__in=keys).values_list("client_id", "staff_seq"))
    for (i, by), own in written.items():
        places = [numbers[key] for key in own if key in numbers]
        if places != sorted(places):
            yield f"lines of {by} in {i} changed their order"


def _seen(told: Entries) -> Iterator[str]:
    shown = {one["id"]: one for one in told["saw"]}
    stored = dict(Message.objects.filter(pk__in=shown).values_list("pk", "text"))
    for key, one in shown.items():
        if stored.get(key) != one["text"]:
            yield f"message {key} of {one['i']} was seen as {one['text']!r}: {stored.get(key)!r}"


def _mails(told: Entries) -> Iterator[str]:
    accepted = {one["message_id"].strip("<>") for one in told["mailed"]}
    sent = {one["message_id"].strip("<>") for one in told["mail"]}
    rows = Mail.objects.filter(header_id__in=sent, direction=Mail.Direction.IN)
    stored = Counter(rows.exclude(message=None).values_list("header_id", flat=True))
    for key in accepted - set(stored):
        yield f"mail {key} was accepted and is no message"
    for key, count in stored.items():
        if count > 1:
            yield f"mail {key} is {count} messages"


def _calls(told: Entries) -> Iterator[str]:
    asked = {one["i"]: one for one in told["asked"]}
    stored = Callback.objects.select_related("interaction").in_bulk(asked)
    cancelled = {one["i"] for one in told["cancelled"]}
    moved = {one["i"]: one["when"] for one in told["moved"]}
    called = {one["i"] for one in told["called"]}
    tried = set(CallbackAttempt.objects.values_list("callback", flat=True))
    for i, one in asked.items():
        callback = stored.get(i)
        if callback is None:
            yield f"callback {i} was promised and is not there"
        elif callback.phone != one["phone"]:
            yield f"callback {i} has the number {callback.phone}, asked for {one['phone']}"
        elif i in cancelled and callback.interaction.outcome != Interaction.Outcome.CANCELLED:
            yield f"callback {i} was cancelled and is {callback.interaction.outcome or 'open'}"
        elif i in moved and i not in tried and not _is_at(callback, moved[i]):
            yield f"callback {i} was moved to {moved[i]} and is at {callback.slot_start}"
    for i in called - tried:
        yield f"callback {i} was called and no attempt is there"


def _is_at(callback: Callback, when: str) -> bool:
    if when == "now":
        return callback.slot_start is None
    return callback.slot_start == datetime.fromisoformat(when)


def _surveys(told: Entries) -> Iterator[str]:
    rows = Answer.objects.values_list(
        "invitation", "invitation__interaction", "score", "comment"
    ).filter(invitation__customer__is_simulated=True)
    by_invitation = {invitation: (score, comment) for invitation, _i, score, comment in rows}
    by_exchange = {i: (score, comment) for _invitation, i, score, comment in rows}
    given = [(one, by_exchange.get(one["i"])) for one in told["rated"]]
    given += [(one, by_invitation.get(one["invitation"])) for one in told["voted"]]
    for one, stored in given:
        if stored is None or stored[0] != int(one["score"]) or one.get("comment", "") != stored[1]:
            yield f"survey {one}: stored as {stored}"


_SAID = ("open", "say", "letter")
_CHECKS: list[Callable[[Entries], Iterator[str]]] = [
    _lines,
    _order,
    _seen,
    _mails,
    _calls,
    _surveys,
]
