"""Whether the world can read the public half of a DKIM key."""

import dns.exception
import dns.resolver
from django.utils.translation import gettext as _

from tickets.models import SigningKey
from tickets.services.mailbox_tests import Line

_PATIENCE = 5.0  # seconds


def check(key: SigningKey) -> Line:
    """Asks the DNS for its record, as receiving servers do."""
    name = key.record_name
    told = {"name": name, "domain": key.domain}
    if not key.private_key:
        return Line(False, _("The key cannot be read any more: delete it and make another one."))
    try:
        found = _published(name)
    except LookupError:
        return Line(False, _("The name server does not answer. Try again in a minute."))
    if _public(key.record_value) in map(_public, found):
        return Line(True, _("The record is published: mails from %(domain)s can be signed.") % told)
    if found:
        return Line(False, _("The record %(name)s holds another key.") % told)
    return Line(
        False, _("There is no TXT record %(name)s yet. A new one may take an hour to show.") % told
    )


def _published(name: str) -> list[str]:
    """The TXT records of a name. Raises LookupError when nobody answers."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=_PATIENCE, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise LookupError(name) from error
    return [b"".join(record.strings).decode("ascii", "replace") for record in answer]


def _public(record: str) -> str:
    """Its key, without the blanks that DNS consoles put between pieces."""
    tags = dict(tag.partition("=")[::2] for tag in "".join(record.split()).split(";"))
    return tags.get("p", "")
