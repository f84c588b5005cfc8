"""The ledger of the simulated people against the database, to the last line, mail and survey.

What was acknowledged is stored once and in order; what was seen is there; what was sent without an
answer is there at most once."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.utils.text import capfirst

from chat.models import Invitation
from config.demo.simulate import ledger
from crm.models import Interaction, Message
from selfcare.models import Answer, Callback, CallbackAttempt
from selfcare.services import promises
from tickets.models import Mail
from tickets.services import reasons

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
    return {what: len(told[what]) for what in _COUNTED}


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
    """What either side's screen showed, in its last version: lines, events, promises, thanks."""
    shown = {one["id"]: one for one in told["saw"]}
    stored = Message.objects.in_bulk(shown)
    for key, one in shown.items():
        row = stored.get(key)
        if row is None:
            yield f"message {key} of {one['i']} was seen as {one['text']!r} and is not there"
        elif row.deleted_at or row.edited_at:
            continue  # somebody real changed it since
        elif row.text != one["text"]:
            yield f"message {key} of {one['i']} was seen as {one['text']!r}: {row.text!r}"
        else:
            for name in ledger.BODY:
                if name in one and one[name] != row.body.get(name):
                    yield f"message {key} of {one['i']} said {name} {one[name]!r}: {row.body}"


def _left(told: Entries) -> Iterator[str]:
    """Whoever gave up waits no more; whoever refused is not asked again by that invitation."""
    gone = [one["i"] for one in told["left"]]
    for i in Interaction.objects.waiting().filter(pk__in=gone).values_list("pk", flat=True):
        yield f"the customer of {i} gave up, and it still waits"
    asked = {one["invitation"] for one in told["refused"]}
    over = [Invitation.State.REFUSED, Invitation.State.WITHDRAWN]
    for invitation in Invitation.objects.filter(pk__in=asked).exclude(state__in=over):
        yield f"invitation {invitation.pk} was refused and is {invitation.state}"


def _mails(told: Entries) -> Iterator[str]:
    accepted = {_bare(one["message_id"]) for one in told["mailed"]}
    sent = {_bare(one["message_id"]) for one in told["mail"]}
    rows = Mail.objects.filter(header_id__in=sent, direction=Mail.Direction.IN)
    stored = Counter(rows.exclude(message=None).values_list("header_id", flat=True))
    for key in accepted - set(stored):
        yield f"mail {key} was accepted and is no message"
    for key, count in stored.items():
        if count > 1:
            yield f"mail {key} is {count} messages"


def _letters(told: Entries) -> Iterator[str]:
    """What an agent wrote left as a mail, is read as it was written, and its answer comes back to
    the same exchange."""
    posted = {one["client_id"] for one in told["posted"]}
    letters = Message.objects.filter(client_id__in=posted).select_related("mail")
    for letter in letters:
        if state := _failure(getattr(letter, "mail", None)):
            yield f"letter {letter.client_id} of {letter.interaction_id} is {state}"
    sent = _by_header(one["message_id"] for one in told["got"])
    for one in told["got"]:
        mail = sent.get(_bare(one["message_id"]))
        if mail is None or mail.message is None:
            yield f"mail {one['message_id']} was read and nobody sent it"
        elif " ".join(mail.message.text.split()) not in " ".join(one["text"].split()):
            yield f"mail {one['message_id']} was read as {one['text']!r}: {mail.message.text!r}"
    answers = [one for one in told["mail"] if one["answers"]]
    came = _by_header(one["message_id"] for one in answers)
    for one in answers:
        mail, before = came.get(_bare(one["message_id"])), sent.get(_bare(one["answers"]))
        if mail and before and mail.message and not _follows(mail, before):
            yield f"mail {one['message_id']} answers {before.interaction_id}: {mail.interaction_id}"


def _failure(mail: Mail | None) -> str:
    """Why a letter is not with its reader. Somebody of the demo's past who only ever called has no
    address, which is said to whoever answers them."""
    if mail is None:
        return "no mail"
    failed = mail.state in (Mail.State.FAILED, Mail.State.BOUNCED)
    return f"{mail.state}: {mail.error}" if failed and mail.error != reasons.NO_ADDRESS else ""


def _follows(mail: Mail, before: Mail) -> bool:
    """In the same exchange, or in one that goes on from it."""
    assert mail.interaction  # noqa: S101 (it is filed)
    return before.interaction_id in (mail.interaction_id, mail.interaction.continues_id)


def _by_header(keys: Iterable[str]) -> dict[str, Mail]:
    rows = Mail.objects.filter(header_id__in={_bare(key) for key in keys}, message__isnull=False)
    return {mail.header_id: mail for mail in rows.select_related("message", "interaction")}


def _bare(key: str) -> str:
    return key.strip("<>")


def _calls(told: Entries) -> Iterator[str]:
    """What was asked for is promised, what was made is written down."""
    stored = Callback.objects.in_bulk({one["i"] for one in told["asked"]})
    for one in told["asked"]:
        callback = stored.get(one["i"])
        if callback is None:
            yield f"callback {one['i']} was promised and is not there"
        elif callback.phone != one["phone"]:
            yield f"callback {one['i']} has the number {callback.phone}, not {one['phone']}"
    called = {one["i"] for one in told["called"]}
    tried = CallbackAttempt.objects.filter(callback__in=called).values_list("callback", flat=True)
    for i in called - set(tried):
        yield f"callback {i} was called and no attempt is there"


def _changed_calls(told: Entries) -> Iterator[str]:
    """Moved and cancelled by the customer, and what their page says since; an agent's attempt
    makes another promise."""
    cancelled = {one["i"] for one in told["cancelled"]}
    moved = {one["i"]: one["when"] for one in told["moved"]}
    unsure = {one["i"] for one in told["moved?"] + told["cancelled?"]} - moved.keys() - cancelled
    shown = {one["i"]: one for one in told["promised"] if one["i"] not in unsure}
    rows = Callback.objects.filter(pk__in={one["i"] for one in told["asked"]}, attempts=None)
    for row in rows.select_related("interaction"):
        outcome = row.interaction.outcome
        if row.pk in cancelled and outcome != Interaction.Outcome.CANCELLED:
            yield f"callback {row.pk} was cancelled and is {outcome or 'open'}"
        elif row.pk in moved and not _is_at(row, moved[row.pk]):
            yield f"callback {row.pk} was moved to {moved[row.pk]} and is at {row.slot_start}"
        elif row.pk in shown and not _is_promised(row, shown[row.pk]):
            yield f"callback {row.pk} shows {shown[row.pk]}, stored {promises.in_words(row)!r}"


def _is_at(callback: Callback, when: str) -> bool:
    if when == "now":
        return callback.slot_start is None
    return callback.slot_start == datetime.fromisoformat(when)


def _is_promised(callback: Callback, shown: Entry) -> bool:
    """Their page says when, or nothing once there is nothing to wait for."""
    if callback.interaction.outcome == Interaction.Outcome.CANCELLED:
        return shown["promise"] == ""
    return capfirst(promises.in_words(callback, shown["language"])) == shown["promise"]


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
    praised = {one["i"]: one["score"] for one in told["praised"]}
    scores = dict(Interaction.objects.filter(pk__in=praised).values_list("pk", "score"))
    for i, score in praised.items():
        if scores.get(i) != score:
            yield f"the agent of {i} saw the score {score}: {scores.get(i)}"


_COUNTED = (
    *("ack", "saw", "mailed", "got", "posted", "asked", "moved", "cancelled", "promised"),
    *("rated", "praised", "voted", "left", "refused"),
)
_SAID = ("open", "say", "letter")
_CHECKS: list[Callable[[Entries], Iterator[str]]] = [
    _lines,
    _order,
    _seen,
    _left,
    _mails,
    _letters,
    _calls,
    _changed_calls,
    _surveys,
]
