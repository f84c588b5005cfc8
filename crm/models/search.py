"""What full-text search reads: a table beside the messages, so that a chat line costs no index."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .message import Message


class MessageText(models.Model):
    """The words of one message, folded and stemmed (crm/services/search/words.py), and the days
    it was said in. Written after the message's commit; `vector` is null when the words have
    changed since."""

    message = models.OneToOneField(
        Message, models.CASCADE, primary_key=True, related_name="words", db_column="message_id"
    )
    said_at = models.DateTimeField()
    vector = SearchVectorField(null=True)

    class Meta:
        verbose_name = _("words of a message")
        verbose_name_plural = _("words of messages")
        indexes = [
            # no pending list: whoever searches should not pay for whoever wrote
            GinIndex(fields=["vector"], fastupdate=False, name="words_of_messages"),
            models.Index(fields=["message"], condition=Q(vector=None), name="words_to_renew"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}"


class SearchMark(models.Model):
    """How far the words are written. One row, locked by whoever writes words; real time.

    Ids commit out of order: only what is up to `reached` is looked at for the last time."""

    reached = models.BigIntegerField(default=0)  # every message up to here has its words
    quick = models.BigIntegerField(default=0)  # where the last quick pass ended
    seen = models.BigIntegerField(default=0)  # the highest id at `seen_at`
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("search mark")
        verbose_name_plural = _("search marks")

    def __str__(self) -> str:
        return f"{self.reached}"
