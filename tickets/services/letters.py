"""A received mail as staff read it: its HTML behind a sandbox, its files by short-lived links."""

import html as entities
import re
from urllib.parse import unquote, urlsplit

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Attachment
from crm.services import files
from tickets.mail import signs
from tickets.models import Mail
from tickets.services import pieces

_REMOTE_SOURCE = re.compile(r'\bsrc="(?!cid:)[^"]*"', re.IGNORECASE)
_LINK = re.compile(r'<a\s([^>]*?)href="([^"]{1,2000})"([^>]*)>(.*?)</a>', re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_INLINE = re.compile(r'src="cid:([^"]{1,300})"')
_REMOTE = re.compile(r'src="https?:', re.IGNORECASE)


def listed(mail: Mail) -> list[Attachment]:
    """The files that came with it, without the pictures that its HTML shows."""
    shown = set(_INLINE.findall(mail.html))
    return [file for file in pieces.rows(mail) if not file.inline_id or file.inline_id not in shown]


def has_remote(mail: Mail) -> bool:
    """Whether it would load pictures from elsewhere, and so tell its sender that it is read."""
    return bool(_REMOTE.search(mail.html))


_SIGNS = {
    "other_name": gettext_lazy(
        "The sender's name shows another address than the one it came from."
    ),
    "other_reply": gettext_lazy("Answers would go to another domain: %(address)s."),
    "unproven": gettext_lazy("Our mail server could not confirm the sender (SPF or DMARC failed)."),
    "other_link": gettext_lazy("A link shows one address and leads to another."),
}


def warnings(mail: Mail) -> list[str]:
    """The signs of somebody who pretends, in words; an empty list is no proof."""
    found = signs.of(
        from_name=mail.from_name,
        from_email=mail.from_email,
        reply_to=mail.reply_to,
        html=mail.html,
        authentication=mail.authentication,
    )
    return [str(_SIGNS[code]) % {"address": mail.reply_to} for code in found]


def document(mail: Mail, *, remote: bool) -> str:
    """The whole page of the frame: sanitised HTML, its own pictures by their signed addresses,
    those from elsewhere only with `remote`; each link says where it leads."""
    known = {file.inline_id: file for file in pieces.rows(mail) if file.inline_id and file.may_go}

    def address(match: re.Match[str]) -> str:
        file = known.get(unquote(entities.unescape(match[1])))
        if file is None or file.content_type not in files.PICTURES:
            return 'src=""'
        return f'src="{files.link(file)}"'

    shown = mail.html if remote else _REMOTE_SOURCE.sub("", mail.html)
    body = _LINK.sub(_with_target, _INLINE.sub(address, shown))
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        f"<title>{entities.escape(mail.subject or _('Mail'))}</title>"
        '<base target="_blank"><style>'
        "html{color-scheme:light;background:#fff;color:#1d2129}"
        "body{margin:12px;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
        "img{max-width:100%;height:auto}blockquote{margin:8px 0;padding-left:12px;"
        "border-left:3px solid #868f9b}pre{white-space:pre-wrap}"
        ".b-to{color:#56606e;font-size:13px}</style></head>"
        f"<body>{body}</body></html>"
    )


def _with_target(match: re.Match[str]) -> str:
    """The whole address when it is pointed at; its host beside words that do not name it."""
    before, address, after, words = match.groups()
    link = f'<a {before}href="{address}" title="{address}"{after}>{words}</a>'
    host = urlsplit(entities.unescape(address)).hostname or ""
    if not host or host.removeprefix("www.") in _TAG.sub("", words).lower():
        return link
    return f'{link} <span class="b-to">({entities.escape(host)})</span>'


def policy(origin: str, *, remote: bool) -> str:
    """Nothing runs, nothing is sent, nothing is loaded but its own files; `remote` adds pictures
    from anywhere, after somebody asked for them."""
    pictures = f"data: {origin}{reverse('file', args=['x']).removesuffix('x/')}"
    if remote:
        pictures += " https: http:"
    return (
        f"default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; "
        "form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
