"""What an agent answers: with copies and files where the channel takes letters, and called back
while it has not left."""

import re
from collections.abc import Sequence
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from crm import clock, registry
from crm.models import Agent, Interaction, Message, Participant, Status
from crm.services import files, interactions, posting, targets, templates, verification, wording
from crm.text import PICTURE

PROMISED = timedelta(minutes=2)
MOMENT = "instant"
MOST_COPIES = 20
MOST_FILES = 20
MOST_BYTES = 20 * 1024 * 1024  # of all files of one letter
_APART = re.compile(r"[\s,;]+")


class BadAddress(ValueError):
    """It is no mail address; `str()` says which."""


class NotByLetter(Exception):
    """On this channel nothing is copied, attached to an answer, or called back."""


class TooLate(Exception):
    """It has left."""


def addresses(typed: str) -> list[str]:
    """What was typed into a field for several, each once. Raises BadAddress."""
    found = list(dict.fromkeys(part.lower() for part in _APART.split(typed) if part))
    for address in found:
        try:
            validate_email(address)
        except ValidationError:
            raise BadAddress(_("%(address)s is no email address.") % {"address": address}) from None
    if len(found) > MOST_COPIES:
        raise BadAddress(_("At most %(count)s addresses.") % {"count": MOST_COPIES})
    return found


def letters(interaction: Interaction) -> registry.Letters:
    """Raises NotByLetter."""
    found = registry.channel(interaction.channel).letters
    if found is None:
        raise NotByLetter
    return found


def check_files(given: Sequence[UploadedFile]) -> list[files.Checked]:
    """Raises files.Refused, before anything is stored."""
    if len(given) > MOST_FILES:
        raise files.Refused("too_many")
    if sum(file.size or 0 for file in given) > MOST_BYTES:
        raise files.Refused("too_much")
    return [files.check(file) for file in given]


@transaction.atomic
def answer(
    interaction: Interaction,
    *,
    agent: Agent,
    text: str,
    client_id: str,
    personal: bool = False,
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    attached: Sequence[files.Checked] = (),
) -> Message:
    """Say it to the customer, once per `client_id`. Pictures whose name stands in the text as
    `![](name)` are shown there. Whoever is copied takes part: their answer is no stranger's.

    Raises NotByLetter for copies and files on other channels, NotVerified for what is personal,
    wording.Stopped for what does not leave."""
    wording.must_pass(text)
    if registry.channel(interaction.channel).live:
        text = wording.masked(text)
    if cc or bcc or attached:
        letters(interaction)
    if personal:
        verification.must_hold(interaction)
    shown = set(PICTURE.findall(text))
    body: dict[str, object] = {
        "personal": personal,
        "cc": list(cc),
        "bcc": list(bcc),
        "files": len(attached),
    }

    def attach(message: Message) -> None:
        for number, file in enumerate(attached):
            within = file.kind in files.PICTURES and file.name in shown
            file.attach(message, f"{message.pk}.{number}@bravo" if within else "")

    message = posting.post(
        interaction,
        author=Message.Author.AGENT,
        agent=agent,
        text=text,
        client_id=client_id,
        body={name: value for name, value in body.items() if value},
        attach=attach,
    )
    _copied(interaction, cc)
    return message


def _copied(interaction: Interaction, cc: Sequence[str]) -> None:
    copy, stranger = Participant.Role.COPY, Participant.Role.STRANGER
    interaction.participants.filter(address__in=cc, role=stranger).update(role=copy)
    Participant.objects.bulk_create(
        [
            Participant(interaction=interaction, address=address, role=copy, joined_at=clock.now())
            for address in cc
        ],
        ignore_conflicts=True,
    )


def promise(interaction: Interaction, *, agent: Agent, client_id: str) -> Message:
    """ "One moment, I am checking", in the customer's language: the desk shows by when. A reply
    template with the shortcut `MOMENT` has other words."""
    until = clock.now() + PROMISED
    own = templates.offered(interaction).filter(shortcut=MOMENT).first()
    with translation.override(interaction.language):
        said = _("One moment, I am checking.")
    return posting.post(
        interaction,
        author=Message.Author.AGENT,
        agent=agent,
        text=templates.filled(own, interaction, agent) if own else said,
        client_id=client_id,
        body={"promise": posting.iso(until)},
    )


@transaction.atomic
def call_back(message: Message, *, by: Agent) -> Message:
    """Undo one's own answer before it leaves: it is taken back, and the exchange is the agent's
    again, as if it had not been said. Raises TooLate, NotByLetter."""
    row = interactions.locked_with_agents(message.interaction_id, by)
    message = Message.objects.get(pk=message.pk)
    if message.agent_id != by.pk or message.deleted_at or not letters(row).call_back(message):
        raise TooLate
    at = clock.now()
    posting.delete(message, at=at)
    if row.status == Status.CLOSED:
        row = interactions.take_up(row, by)
        row.reopened -= 1  # nobody came back
        row.save(update_fields=["reopened"])
    elif row.status == Status.PENDING and row.agent_id == by.pk:
        row = interactions.take_back(row, by)
    row = interactions.locked(row.pk)
    posting.settle_times(row)
    targets.follow(row, at)
    interactions.nudge(row)
    return message


def seconds_to_call_back(interaction: Interaction) -> int:
    found = registry.channel(interaction.channel).letters
    return found.hold_seconds if found else 0


@transaction.atomic
def forward(
    interaction: Interaction, *, by: Agent, to: Sequence[str], text: str, client_id: str,
    messages: Sequence[Message] = (), with_files: bool = True,
) -> Message:  # fmt: skip
    """Hand what was written on to somebody outside, with the files. The customer reads nothing of
    it; an answer comes back beside the conversation, marked as a stranger's. Raises NotByLetter."""
    channel = letters(interaction)
    taken = [file.pk for one in messages for file in one.attachments.all() if with_files]

    def hand_over(note: Message) -> None:
        channel.forward(interaction, note)

    return posting.post(
        interaction,
        author=Message.Author.AGENT,
        kind=Message.Kind.NOTE,
        agent=by,
        text=text,
        client_id=client_id,
        body={"forward": list(to), "of": [one.pk for one in messages], "takes": taken},
        to_customer=False,
        attach=hand_over,
    )
