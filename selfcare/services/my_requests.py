"""What a customer does with a request of theirs: answers it, adds files, takes it up again."""

from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from crm import registry
from crm.models import Interaction, Message, Status
from crm.services import files, posting, wording

_MOST_FILES = 5  # at once


class TooMany(Exception):
    """More files than one answer may have."""


class NotHere(Exception):
    """It is answered where it takes place: in the chat, on the phone."""


def takes_words(interaction: Interaction) -> bool:
    """Letters go on as long as they like; a chat or a call goes on in writing once it is over."""
    return interaction.channel == "mail" or interaction.status == Status.CLOSED


@transaction.atomic
def answer(
    interaction: Interaction, text: str, sent: Sequence[UploadedFile], *, key: str
) -> Interaction:
    """Write to us about it; a closed one opens again. What was a chat or a call goes on as a
    request in writing, with what was said before it. The same `key` again changes nothing.

    Answers where it goes on. Raises NotHere, TooMany, files.Refused: then nothing was written."""
    if not takes_words(interaction):
        raise NotHere(interaction.pk)
    where = interaction
    if interaction.channel != "mail":
        where = registry.opener("mail")(
            customer=interaction.customer,
            title=interaction.title or (interaction.subject.name if interaction.subject else ""),
            text=text,
            language=interaction.language,
            subject=interaction.subject,
            visit=interaction.visit,
            continues=interaction,
            key=f"again:{interaction.pk}:{key}",
        )
    elif text:
        said, once = wording.masked(text), f"portal:{key}"
        posting.post(where, author=Message.Author.CUSTOMER, text=said, client_id=once)
    attach(where, sent, key=key)
    return where


@transaction.atomic
def attach(interaction: Interaction, sent: Sequence[UploadedFile], *, key: str) -> None:
    """The customer's files, each a line; the same `key` again changes nothing. Raises TooMany,
    files.Refused: then none is there."""
    if len(sent) > _MOST_FILES:
        raise TooMany(len(sent))
    for number, file in enumerate(sent):
        files.say(
            interaction,
            author=Message.Author.CUSTOMER,
            file=file,
            client_id=f"portal:{key}:{number}",
        )
