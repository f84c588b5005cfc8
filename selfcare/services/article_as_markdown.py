"""A help article as a Markdown file that reads back as the same article (article_markdown.py).

What Markdown has a word for is written so, a block at a time; whatever would not come back as it
was (tables, figures, films) stays the HTML it is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Any

from crm.text import clean_html, tight
from selfcare.services import article_markdown

_VOID = {"br", "hr", "img"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~])")
_BEGINS = re.compile(r"([#+=-]|\d+(?=[.)]))")  # a paragraph that would be something else
_WHITE = re.compile(r"[ \t\r\n]+")  # a no-break space is a character
_LEADS = re.compile(r"(?<=[<\"])/files/([0-9a-f-]{36})/([\w.-]+)")
_FIELDS = (
    "external_id", "slug", "summary", "keywords", "subject", "related", "visibility",
    "is_published", "source_language", "owner", "verified_on", "check_days",
)  # fmt: skip


class _NoWord(Exception):
    """Markdown has none for this."""


@dataclass
class _Node:
    tag: str
    attrs: dict[str, str] = field(default_factory=dict)
    inside: list["_Node | str"] = field(default_factory=list)


def place(data: Mapping[str, Any]) -> str:
    """Where it lies in the folder; an address is there once in a language."""
    return f"{data['language']}/{data['category']}/{data['slug']}.md"


def page(data: Mapping[str, Any]) -> str:
    """The file's text: the fields, the title, then the article. Its `files` lie in the folder, and
    are named from there."""
    known = {file["key"] for file in data.get("files", [])}
    said = [f"{name}: {_said(data[name])}" for name in _FIELDS if data[name] not in ("", [], None)]
    body = _LEADS.sub(
        lambda found: f"../..{found[0]}" if found[1] in known else found[0],
        as_markdown(data["body"]),
    )
    return "\n".join(["---", *said, "---", f"# {data['title']}", "", body, ""])


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = " | ".join(value) if isinstance(value, list) else _WHITE.sub(" ", str(value))
    return f'"{text}"' if text[:1] in ('"', "'", "[") else text


def as_markdown(body: str) -> str:
    blocks = [_block_or_html(node) for node in _tree(body).inside if _says_something(node)]
    made = "\n\n".join(blocks)
    return made if _reads_as(made, body) else _guarded(f"<div>{body}</div>")


def _says_something(node: _Node | str) -> bool:
    return not isinstance(node, str) or bool(node.strip())


def _block_or_html(node: _Node | str) -> str:
    if isinstance(node, str):
        return _text(node).strip()
    same = _html(node)
    try:
        made = _block(node)
    except _NoWord:
        return _guarded(same)
    return made if _reads_as(made, same) else _guarded(same)


def _reads_as(made: str, body: str) -> bool:
    return tight(clean_html(article_markdown.rendered(made))) == tight(clean_html(body))


def _guarded(markup: str) -> str:
    """No blank line ends it too early."""
    return re.sub(r"\n(?=[ \t]*\n)", "&#10;", markup.strip())


def _block(node: _Node) -> str:
    if node.attrs and node.tag != "ol":
        raise _NoWord(node.tag)
    match node.tag:
        case "p":
            return _paragraph(node.inside)
        case "h2" | "h3" | "h4":
            return f"{'#' * int(node.tag[1])} {_inline(node.inside).strip()}"
        case "hr":
            return "***"
        case "blockquote":
            return _indented(_blocks(node.inside), "> ", "> ").replace("> \n", ">\n")
        case "ul" | "ol":
            return _list(node)
    raise _NoWord(node.tag)


def _blocks(inside: Iterable[_Node | str]) -> str:
    return "\n\n".join(
        _text(one).strip() if isinstance(one, str) else _block(one)
        for one in inside
        if _says_something(one)
    )


def _list(node: _Node) -> str:
    number = int(node.attrs.get("start", "1"))
    items = [one for one in node.inside if _says_something(one)]
    made = []
    for one in items:
        if isinstance(one, str) or one.tag != "li":
            raise _NoWord(node.tag)
        mark = "- " if node.tag == "ul" else f"{number}. "
        made.append(_indented(_item(one), mark, " " * len(mark)))
        number += 1
    return "\n".join(made)


def _item(node: _Node) -> str:
    """Its words, then the lists inside it."""
    words = [o for o in node.inside if isinstance(o, str) or o.tag not in {"ul", "ol"}]
    lists = [o for o in node.inside if not isinstance(o, str) and o.tag in {"ul", "ol"}]
    if any(not isinstance(one, str) and one.tag == "p" for one in words):
        return _blocks(node.inside)
    return "\n".join([_paragraph(words), *map(_list, lists)])


def _indented(text: str, first: str, more: str) -> str:
    return first + text.replace("\n", f"\n{more}")


def _paragraph(inside: Iterable[_Node | str]) -> str:
    return _BEGINS.sub(_escaped_beginning, _inline(inside).strip(), count=1)


def _escaped_beginning(found: re.Match[str]) -> str:
    if found.start():
        return found[0]
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"


def _inline(inside: Iterable[_Node | str]) -> str:
    return "".join(_text(one) if isinstance(one, str) else _word(one) for one in inside)


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", _WHITE.sub(" ", text))


def _word(node: _Node) -> str:
    within = _inline(node.inside)
    match node.tag:
        case "strong":
            return f"**{within}**"
        case "em":
            return f"*{within}*"
        case "code" if [type(one) for one in node.inside] == [str] and "`" not in within:
            return f"`{node.inside[0]}`"
        case "br":
            return "\\\n"
        case "a" if node.attrs.keys() <= {"href", "rel"}:
            return f"[{within}](<{node.attrs.get('href', '')}>)"
        case "img" if node.attrs.keys() <= {"src", "alt"}:
            return f"![{_text(node.attrs.get('alt', ''))}](<{node.attrs.get('src', '')}>)"
    end = "" if node.tag in _VOID else f"{within}</{node.tag}>"
    return _open(node) + end


def _open(node: _Node) -> str:
    said = "".join(f' {name}="{escape(value)}"' for name, value in node.attrs.items())
    return f"<{node.tag}{said}>"


def _html(node: _Node | str) -> str:
    if isinstance(node, str):
        return escape(node, quote=False)
    end = "" if node.tag in _VOID else f"</{node.tag}>"
    return _open(node) + "".join(map(_html, node.inside)) + end


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [_Node("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if len(self.open) > 1 and self.open[-1].tag == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


def _tree(body: str) -> _Node:
    """Of what `clean_html` made: every element that begins also ends."""
    reader = _Reader()
    reader.feed(body)
    reader.close()
    return reader.open[0]
