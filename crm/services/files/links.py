"""Short-lived addresses of files: whoever may see the exchange is given one, and needs no cookie
for it (a frame on somebody else's site, a sandboxed mail have none)."""

from django.core import signing
from django.urls import reverse

from crm.models import Attachment

LINK_SECONDS = 300
_SALT = "crm.file"


def link(file: Attachment) -> str:
    """Opens this one file for five minutes. Who may have it is the door's business."""
    return reverse("file", args=[signing.dumps(file.pk, salt=_SALT)])


def opened(signed: str) -> Attachment | None:
    """The file that an unexpired link opens; none of a message that was taken back."""
    try:
        key = signing.loads(signed, salt=_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return None
    return Attachment.objects.filter(pk=key, message__deleted_at=None).first()
