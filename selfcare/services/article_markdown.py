"""Articles as a folder of Markdown: a file per article and language, pictures beside them."""

import hashlib
import html
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5

from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import override
from markdown_it import MarkdownIt

from crm.services.files import kind_of
from selfcare.services import files
from selfcare.services.article_source import BadFile, Kept, Row, decoded, typed

_QUOTED = re.compile(r"^([\"'])(.*)\1$")
_KEPT = re.compile(r"(?:^|/)files/([0-9a-f-]{36})/[^/]+$")  # in a folder of ours
Folder = Mapping[str, Callable[[], bytes]]  # place → what lies there
_HOUSE = UUID("6d1f6b39-4c0e-4a8e-9a51-5b0a3f1c2d77")  # of the addresses made from a picture
_markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
_LEADS = re.compile(r'(<(?:a|img)\b[^>]*?\b(?:href|src)=")([^"]*)(")')


def read(folder: Folder) -> Iterator[Row]:
    """Fields between two lines of ---, then the text. What a field does not say, the place does:
    `fr/box/mon-article.md` is French, of the category "box". Pictures and documents beside the
    texts come along, and a link to another text leads to its article."""
    pages = {
        place: _page(place, decoded(place, content()))
        for place, content in folder.items()
        if place.lower().endswith(".md")
    }
    for place, data in pages.items():
        kept: dict[UUID, Kept] = {}
        body = _LEADS.sub(_leading(place, pages, folder, kept), rendered(data["body"]))
        yield place, data | {"body": body, "files": list(kept.values())}


def rendered(text: str) -> str:
    return _markdown.render(text)


def _page(place: str, text: str) -> dict[str, Any]:
    fields, body = _front(text)
    path = PurePosixPath(place.replace("\\", "/"))
    folders = list(path.parts[:-1])
    language = next((part for part in folders if part in ("fr", "en")), "fr")
    shelves = [part for part in folders if part != language]
    title = re.match(r"\s*# (.+)\n?", body)
    if title and "title" not in fields:
        fields["title"], body = title.group(1).strip(), body[title.end() :]
    data = {"external_id": path.stem, "language": language}
    if shelves:
        data["category"] = shelves[-1]
    return data | typed(fields) | {"body": body}


def _front(text: str) -> tuple[dict[str, str], str]:
    """`name: value` lines, lists as [a, b]; then the rest."""
    found = re.match(r"---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)", text, re.S)
    if not found:
        return {}, text
    fields: dict[str, str] = {}
    for line in found.group(1).splitlines():
        name, colon, value = line.partition(":")
        value = value.strip()
        if colon and value:
            if value.startswith("[") and value.endswith("]"):
                value = "|".join(part.strip().strip("\"'") for part in value[1:-1].split(","))
            fields[name.strip()] = _QUOTED.sub(r"\2", value)
    return fields, text[found.end() :]


def _leading(
    place: str, pages: Mapping[str, dict[str, Any]], folder: Folder, kept: dict[UUID, Kept]
) -> Callable[[re.Match[str]], str]:
    """Where each link and picture of that text leads on the portal."""

    def lead(found: re.Match[str]) -> str:
        target = urlsplit(html.unescape(found[2]))
        if target.scheme or target.netloc or not target.path or target.path.startswith("/"):
            return found[0]
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(target.path)))
        if beside in pages:
            address = _address(pages[beside])
        elif beside in folder:
            one = _file(beside, folder[beside](), str(pages[place]["external_id"]))
            kept[one.key] = one
            address = reverse("article_file", args=[one.key, one.name])
        else:
            raise BadFile(
                f"{place}: {beside} is not there. Send a ZIP of the whole folder, pictures too."
            )
        return found[1] + html.escape(address) + found[3]

    return lead


def _address(page: Mapping[str, Any]) -> str:
    slug = slugify(page.get("slug") or page.get("title") or "")
    with override(page["language"]):
        return reverse("selfcare:article", args=[slug or "article"])


def _file(place: str, content: bytes, article: str) -> Kept:
    """At the address it went out with, else at one made of article and content: the same again
    stays where it is."""
    kind = kind_of(content)
    if not kind:
        raise BadFile(f"{place}: neither a picture, a film nor a document")
    went_out = _KEPT.search(place)
    key = (
        UUID(went_out[1])
        if went_out
        else uuid5(_HOUSE, f"{article}/{hashlib.sha256(content).hexdigest()}")
    )
    return Kept(key, files.called(posixpath.basename(place), kind), content)
