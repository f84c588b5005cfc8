"""Words go, rows stay: erasure and retention take what was said out of exchanges."""

from collections.abc import Iterable, Sequence

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce, JSONObject

from crm import clock
from crm.models import Attachment, Draft, Message, MessageText, NextStep, Whisper

# a card or an event still says which it was; whatever else its body told goes
_KEPT = ("event", "card")


def blank(interaction_ids: Sequence[int]) -> None:
    """Take texts, bodies, keys and files out of these exchanges. Numbers, times, authors stay, so
    that every count stays. In the caller's transaction; files go after it commits."""
    said = Message.objects.filter(interaction__in=interaction_ids)
    Whisper.objects.filter(interaction__in=interaction_ids).update(text="")
    Draft.objects.filter(interaction__in=interaction_ids).delete()
    promised = NextStep.objects.filter(interaction__in=interaction_ids)
    promised.update(text="", done_at=Coalesce("done_at", Value(clock.now())))
    MessageText.objects.filter(message__in=said.values("pk")).delete()
    for key in _KEPT:
        rows = said.filter(**{f"body__{key}__isnull": False})
        rows.update(text="", client_id=None, body=JSONObject(**{key: F(f"body__{key}")}))
    rest = said.exclude(body__event__isnull=False).exclude(body__card__isnull=False)
    rest.update(text="", client_id=None, body=Value({}, Message._meta.get_field("body")))
    drop_files(
        Attachment.objects.filter(message__in=said.values("pk")).values_list("pk", flat=True)
    )


def drop_files(attachment_ids: Iterable[int]) -> int:
    """These attachments go; a file leaves the storage with the last row that names it."""
    keys = list(attachment_ids)
    names = set(
        Attachment.objects.filter(pk__in=keys).exclude(file="").values_list("file", flat=True)
    )
    count, _models = Attachment.objects.filter(pk__in=keys).delete()

    def remove() -> None:
        for name in names:
            if not Attachment.objects.filter(file=name).exists():
                default_storage.delete(name)

    transaction.on_commit(remove)
    return count
