"""A row of an import, understood: every field of the right kind and length, text as HTML."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from selfcare.models import LANGUAGES, Article
from selfcare.services.article_source import BadFile, Kept, Row

_KNOWN = {code for code, _name in LANGUAGES}
# what makes a text HTML; a plain one may speak of other tags
_TAG = re.compile(
    r"</?(p|div|span|br|hr|h[1-6]|ul|ol|li|dl|table|blockquote|pre|a|b|i|em|strong|img|figure)"
    r"(\s[^<>]*)?/?>",
    re.I,
)


@dataclass
class Line:
    """A text and what its row says of its article; empty: nothing is said."""

    external_id: str
    language: str
    title: str
    body: str
    category: str
    slug: str
    summary: str
    keywords: list[str]
    subject: str
    related: list[str] | None
    visibility: str
    is_published: bool | None
    source_language: str
    owner: str
    verified_on: date | None
    check_days: int | None
    files: list[Kept]


def parsed(rows: Iterable[Row]) -> Iterator[Line]:
    """The rows one by one. Raises BadFile at the first that is no article."""
    for place, data in rows:
        try:
            yield _line(data)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise BadFile(f"{place}: {reason}") from error


def _line(data: dict[str, Any]) -> Line:
    verified = data.get("verified_on")
    line = Line(
        external_id=_text(data["external_id"], 120),
        language=_text(data["language"], 5),
        title=_text(data["title"], 300),
        body=_as_html(_text(data["body"], 1_000_000)),
        category=_text(data.get("category") or "", 50),
        slug=_text(data.get("slug") or "", 120),
        summary=_text(data.get("summary") or "", 300),
        keywords=[_text(word, 80) for word in data.get("keywords") or []],
        subject=_text(data.get("subject") or "", 50),
        related=data.get("related"),
        visibility=_text(data.get("visibility") or "", 10),
        is_published=data.get("is_published"),
        source_language=_text(data.get("source_language") or "", 5),
        owner=_text(data.get("owner") or "", 254).lower(),
        verified_on=date.fromisoformat(verified) if verified else None,
        check_days=None if data.get("check_days") in (None, "") else int(data["check_days"]),
        # what a line of somebody else's calls files has no content
        files=[file for file in data.get("files") or [] if isinstance(file, Kept)],
    )
    if line.language not in _KNOWN:
        raise ValueError(f"unknown language {line.language!r}")
    if line.visibility and line.visibility not in Article.Visibility.values:
        raise ValueError(f"unknown visibility {line.visibility!r}")
    if line.source_language not in _KNOWN | {""}:
        raise ValueError(f"unknown language {line.source_language!r}")
    if line.check_days is not None and not 0 <= line.check_days <= 32767:
        raise ValueError("check_days is no number of days")
    if not (line.external_id and line.title):
        raise ValueError("external_id and title must not be empty")
    return line


def _text(value: Any, longest: int) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    if "\0" in value:
        raise ValueError("a text holds a null character")
    if len(value) > longest:
        raise ValueError(f"a text is longer than {longest} characters")
    return value.strip()


def _as_html(text: str) -> str:
    """Text without markup becomes paragraphs."""
    if _TAG.search(text):
        return text
    parts = re.split(r"\n\s*\n", text)
    return "".join(f"<p>{html.escape(part.strip(), quote=False)}</p>" for part in parts if part)
