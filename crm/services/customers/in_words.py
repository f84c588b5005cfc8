"""How what hangs on a record reads in one line, to whoever decides to which of two it belongs."""

from django.utils import formats, timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from crm import registry
from crm.models import Interaction, Note, Visit

_WORDS = 14


def exchange(row: Interaction) -> str:
    return f"{registry.channel(row.channel).label} {row.reference}"


def note(row: Note) -> str:
    return _("Note: %(text)s") % {"text": Truncator(row.text).words(_WORDS)}


def visit(row: Visit) -> str:
    at = formats.date_format(timezone.localtime(row.started_at), "SHORT_DATETIME_FORMAT")
    return _("Visit of %(at)s") % {"at": at}
