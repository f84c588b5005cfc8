"""What an agent writes, Markdown, as the HTML of a letter. Pure.

Only what letters need: paragraphs, emphasis, lists, quotations, links, and pictures that are among
the letter's own files. HTML in the text stays text."""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt
from markdown_it.token import Token

from crm.text import PICTURE

_LINK = "color:#0f766e;"
_STYLES = {
    "paragraph_open": "margin:0 0 16px;",
    "bullet_list_open": "margin:0 0 16px;padding-left:24px;",
    "ordered_list_open": "margin:0 0 16px;padding-left:24px;",
    "blockquote_open": "margin:0 0 16px;padding-left:12px;border-left:3px solid #868f9b;",
    "link_open": _LINK,
    "image": "max-width:100%;height:auto;",
}
# an indented line of a letter is no program, and a line under a word no title
_READER = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False}).disable(
    ["code", "lheading", "html_block", "html_inline", "reference"]
)
_BARE = re.compile(
    r"(?<![\w<(\[\"'/@.])(?:https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]*_]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
)


def to_html(text: str, pictures: Mapping[str, str]) -> str:
    """`pictures`: file name → Content-ID; a picture that is not among them is its name."""
    named = PICTURE.sub(lambda found: _picture(found, pictures), text)
    tokens = _READER.parse(_BARE.sub(r"<\g<0>>", named))
    for token in tokens:
        _dress(token)
        for child in token.children or []:
            _dress(child)
    return _READER.renderer.render(tokens, _READER.options, {}).strip()


def _picture(found: re.Match[str], pictures: Mapping[str, str]) -> str:
    name = found[1].strip()
    return f"![{name}](cid:{pictures[name]})" if name in pictures else f"\\[{name}]"


def _dress(token: Token) -> None:
    if style := _STYLES.get(token.type):
        token.attrSet("style", style)
    if token.type == "link_open":
        token.attrSet("class", "link")
