"""A page of figures as a PDF: the same view, framed for paper instead of the console.

The libraries that draw it (WeasyPrint on Pango) are loaded by the worker that needs them, never by
a process that only shows pages."""

import logging
import re
from collections.abc import Callable
from ctypes.util import find_library
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from crm import clock
from crm.models import User

_LIBRARIES = ("pango-1.0", "pangoft2-1.0")
_MOST = 1_500_000  # characters of a page: some fifty sheets
_STYLES = ("crm/tokens.css", "crm/reports.css", "crm/paper.css")
_TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]+)")
_USED = re.compile(r"var\(--([\w-]+)\)")
View = Callable[..., HttpResponseBase]


class NotPrinted(Exception):
    """There is no such PDF: `str()` says why, to whoever asked for it."""


@dataclass(frozen=True)
class Paper:
    """What a page has around it on paper."""

    by: str
    at: datetime
    base: str = "crm/reports/paper.html"


class Sheet(Protocol):
    """A page that can be printed: one of the console's."""

    @property
    def title(self) -> Any: ...

    @property
    def view(self) -> View: ...

    def allows(self, request: HttpRequest) -> bool:
        """Whether it is shown to whoever asks."""


_sheets: dict[str, Sheet] = {}


def register(name: str, sheet: Sheet) -> None:
    _sheets[name] = sheet


def title(name: str) -> str:
    """Raises NotPrinted for a page that there is not."""
    if name not in _sheets:
        raise NotPrinted(_("There is no such page."))
    return str(_sheets[name].title)


@cache
def is_possible() -> bool:
    """Whether this machine has what text is drawn with."""
    return all(map(find_library, _LIBRARIES))


def lacking() -> str:
    """What to do where it has not."""
    return _(
        "PDFs need two libraries on the server: apt install libpango-1.0-0 libpangoft2-1.0-0. "
        "Until then your browser prints this page, or saves it as PDF."
    )


def page(name: str, query: str, user: User) -> str:
    """The page as this colleague would see it now. Raises NotPrinted."""
    sheet = _sheets.get(name)
    request = _request(name, query, user)
    if sheet is None or not sheet.allows(request):
        raise NotPrinted(_("There is no such page for you any more."))
    answer: Any = sheet.view(request)
    if answer.status_code != 200:
        raise NotPrinted(_("The page names something that is gone. Ask for it again."))
    html: str = answer.content.decode()
    if len(html) > _MOST:
        raise NotPrinted(_("This is too long for paper. Please choose fewer days."))
    return html


def _request(name: str, query: str, user: User) -> HttpRequest:
    request = HttpRequest()
    request.method = "GET"
    request.META = {"HTTP_HOST": urlsplit(settings.CONSOLE_URL).netloc}
    request.path = request.path_info = reverse(f"admin:{name}")
    request.GET = QueryDict(query)
    request.user = user
    request.paper = Paper(str(user), clock.now())  # type: ignore[attr-defined]
    return request


def pdf(html: str) -> bytes:
    """Raises NotPrinted where the libraries are missing."""
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise NotPrinted(lacking()) from error

    for name in ("weasyprint", "weasyprint.progress"):  # each rule it does not know, each step
        logging.getLogger(name).setLevel(logging.ERROR)
    # styles are handed over and nothing else is needed: no address is ever opened
    nothing = URLFetcher(allowed_protocols=())
    style = f"<style>{_of_pictures()}</style>"
    drawn = re.sub(r"<svg\b[^>]*>", lambda found: found[0] + style, html)
    sheets = [CSS(string=_static(name), url_fetcher=nothing) for name in _STYLES]
    page = HTML(string=drawn, base_url=settings.CONSOLE_URL, url_fetcher=nothing)
    made: bytes = page.write_pdf(stylesheets=sheets)
    return made


def _static(name: str) -> str:
    path = finders.find(name)
    assert isinstance(path, str)  # noqa: S101 (they are ours)
    return Path(path).read_text()


@cache
def _of_pictures() -> str:
    """A picture does not see the page's style, and knows no variables: its rules with the colours
    of light in them."""
    colours: dict[str, str] = {}
    lines = [line for name in _STYLES for line in _static(name).splitlines()]
    for name, colour in _TOKEN.findall("\n".join(lines)):
        colours.setdefault(name, colour)
    rules = [line for line in lines if line.startswith((".viz-", ".fill-", ".stroke-", ".grey "))]
    return _USED.sub(lambda found: colours.get(found[1], "inherit"), "\n".join(rules))
