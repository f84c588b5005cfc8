"""Whether what the articles link to is still there: our own pages, and other people's."""

import ipaddress
import re
import socket
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from html import unescape
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.parse import unquote, urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import Resolver404, resolve
from django.utils.translation import gettext

from crm import clock
from selfcare.models import ArticleFile, Category, Link, OldAddress, OldShelf, Translation

_ADDRESS = re.compile(r'(?:href|src)="([^"#][^"]*)"')
_READ_AT_ONCE, _CHECKED_AT_ONCE = 200, 20
_AGAIN, _IN_TROUBLE_AGAIN = timedelta(days=7), timedelta(days=1)
_SECONDS = 5  # for one server to answer
_SAYS_GONE = {"404", "410", "missing"}
_NIGHTS = 2  # that a server may be down before it counts


def in_words(trouble: str) -> str:
    known = {
        "missing": gettext("nothing is there"),
        "silent": gettext("the server does not answer"),
        "private": gettext("not on the internet"),
    }
    return known.get(trouble) or gettext("the server says %(code)s") % {"code": trouble}


def broken() -> QuerySet[Link]:
    """What editors should mend: gone, or silent several days in a row."""
    links = Link.objects.filter(translations__isnull=False).exclude(trouble="")
    return links.filter(Q(trouble__in=_SAYS_GONE) | Q(failures__gte=_NIGHTS)).distinct()


def read_new(*, at: datetime | None = None) -> int:
    """Note the links of texts that changed; a sweep."""
    at = at or clock.now()
    texts = Translation.objects.filter(
        Q(links_read_at=None) | Q(links_read_at__lt=F("updated_at"))
    ).only("pk", "body", "updated_at")
    rows = list(texts[:_READ_AT_ONCE])
    for row in rows:
        _note(row, at)
    return len(rows)


@transaction.atomic
def _note(text: Translation, at: datetime) -> None:
    addresses = {unescape(found).strip()[:1000] for found in _ADDRESS.findall(text.body)}
    wanted = {a for a in addresses if a.startswith(("/", "http://", "https://"))}
    Link.objects.bulk_create(
        [Link(address=address, found_at=at) for address in sorted(wanted)], ignore_conflicts=True
    )
    text.links.set(Link.objects.filter(address__in=wanted))
    # a text that changed meanwhile has a later `updated_at` and is read again
    Translation.objects.filter(pk=text.pk).update(links_read_at=text.updated_at)


def due(*, at: datetime | None = None) -> QuerySet[Link]:
    at = at or clock.now()
    rows = Link.objects.filter(translations__isnull=False).filter(
        Q(checked_at=None)
        | Q(trouble="", checked_at__lte=at - _AGAIN)
        | (~Q(trouble="") & Q(checked_at__lte=at - _IN_TROUBLE_AGAIN))
    )
    return rows.distinct()


def check_due(*, at: datetime | None = None) -> int:
    """Look at some of what is due. Claimed before looking: two workers never ask twice."""
    at = at or clock.now()
    with transaction.atomic():
        free = Link.objects.select_for_update(skip_locked=True)
        claimed = list(
            free.filter(pk__in=due(at=at).order_by("pk").values("pk"))[:_CHECKED_AT_ONCE]
        )
        Link.objects.filter(pk__in=[link.pk for link in claimed]).update(checked_at=at)
    for link in claimed:
        trouble = trouble_with(link.address)
        failures = link.failures + 1 if trouble else 0
        Link.objects.filter(pk=link.pk).update(trouble=trouble[:120], failures=failures)
    return len(claimed)


def trouble_with(address: str) -> str:
    """Why an address does not work: "404", "missing", "silent" …; "" when it does."""
    parts = urlsplit(address)
    own = urlsplit(settings.PORTAL_URL).netloc
    if not parts.netloc or parts.netloc == own:
        return _own(parts.path)
    return _others(address) if settings.CHECK_OTHER_SITES else ""


def _own(path: str) -> str:
    try:
        found = resolve(unquote(path))
    except Resolver404:
        return "missing"
    if found.view_name == "article_file":
        key: UUID = found.kwargs["key"]
        return "" if ArticleFile.objects.filter(key=key).exists() else "missing"
    if found.view_name == "selfcare:article":
        where = {"language": path.strip("/").partition("/")[0], "slug": found.kwargs["slug"]}
        there = Translation.objects.published().filter(**where).exists()
        return "" if there or OldAddress.objects.filter(**where).exists() else "missing"
    if found.view_name == "selfcare:category":
        shelf = {"slug": found.kwargs["slug"]}
        there = Category.objects.filter(**shelf).exists()
        return "" if there or OldShelf.objects.filter(**shelf).exists() else "missing"
    return ""


class _Guarded(urllib.request.HTTPRedirectHandler):
    """A redirect leads nowhere that a link may not lead."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if not _is_public(newurl):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_public(address: str) -> bool:
    """Somewhere in the world, and not in the server's own network."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    return all(ipaddress.ip_address(row[4][0]).is_global for row in found)


def _others(address: str) -> str:
    try:
        if not _is_public(address):
            return "private"
        return _asked(address, "HEAD") and _asked(address, "GET")
    except (OSError, ValueError, HTTPException):
        return "silent"


def _asked(address: str, method: str) -> str:
    """What a server says; some do not know HEAD, so that a refusal of it says nothing."""
    opener = urllib.request.build_opener(_Guarded)
    asked = urllib.request.Request(address, method=method, headers={"User-Agent": "Bravo links"})  # noqa: S310 (_is_public looked at the scheme)
    try:
        with opener.open(asked, timeout=_SECONDS):
            return ""
    except urllib.error.HTTPError as refusal:
        # a page for people may refuse machines: it is there
        return "" if refusal.code in (401, 403, 405, 429) and method == "GET" else str(refusal.code)
