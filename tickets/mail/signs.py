"""What about a mail looks like somebody pretends. Pure: signs are shown, never acted upon."""

import html as entities
import re
from collections.abc import Mapping

_ADDRESS = re.compile(r"[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,5})")
_LINK = re.compile(
    r'<a\s[^>]{0,2000}?href="(https?://[^"]{1,2000})"[^>]{0,500}>(.{0,500}?)</a>', re.S
)
_HOST = re.compile(r"^\s*(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})(?:[/?#:\s]|$)", re.I)
_LINKS_LIMIT = 500


def of(
    *,
    from_name: str,
    from_email: str,
    reply_to: str,
    html: str,
    authentication: Mapping[str, str],
) -> list[str]:
    """Codes: other_name (the display name holds another address), other_reply (answers go to
    another domain), unproven (our server found the sender forged), other_link (a link shows one
    host and leads to another)."""
    own = _domain(from_email)
    found = []
    named = _ADDRESS.search(from_name)
    if named and not _related(named[1].lower(), own):
        found.append("other_name")
    if reply_to and not _related(_domain(reply_to), own):
        found.append("other_reply")
    if "fail" in {authentication.get("dmarc"), authentication.get("spf")}:
        found.append("unproven")
    if any(
        _misleads(match[1], match[2])
        for match, _n in zip(_LINK.finditer(html), range(_LINKS_LIMIT), strict=False)
    ):
        found.append("other_link")
    return found


def _misleads(address: str, shown: str) -> bool:
    text = entities.unescape(re.sub(r"<[^>]{0,500}>", "", shown))
    said, real = _HOST.match(text), _HOST.match(entities.unescape(address))
    if said is None or real is None:
        return False
    return not _related(said[1].lower(), real[1].lower())


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _related(one: str, other: str) -> bool:
    """The same domain, or one below the other."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
