"""Between the stored HTML of an article and what the editor (Trix) reads and writes.

Trix knows paragraphs, headings, lists and attachments. What it does not know (tables) goes through
it as an attachment that holds its own markup, and comes back as it was."""

import html
import json
import re
from html.parser import HTMLParser

from crm.text import clean_html

_VOID = {"br", "hr", "img"}
_WHOLE = {"table", "dl", "pre"}  # what the editor would take apart
_EMPTY = re.compile(r"<p>(?:\s|&nbsp;|\xa0|<br ?/?>)*</p>")
_ATTACHMENT, _SAYS = "data-trix-attachment", "data-trix-attributes"


def for_editor(body: str) -> str:
    """Stored HTML as the editor loads it."""
    return _run(_ForEditor(), body)


def from_editor(markup: str) -> str:
    """What the editor made, as it is stored and shown. HTML from elsewhere passes cleaned."""
    return _EMPTY.sub("", clean_html(_run(_FromEditor(), markup)))


class _Copy(HTMLParser):
    """Writes down what it reads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.out.append(_open(tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.out.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.out.append(f"&#{name};")


def _run(parser: _Copy, markup: str) -> str:
    parser.feed(markup)
    parser.close()
    return "".join(parser.out)


def _open(tag: str, attrs: dict[str, str | None]) -> str:
    said = "".join(f' {name}="{html.escape(value or "")}"' for name, value in attrs.items())
    return f"<{tag}{said}>"


class _ForEditor(_Copy):
    """Figures and whole blocks become attachments."""

    def __init__(self) -> None:
        super().__init__()
        self._block = ""  # the tag that is being kept whole
        self._depth = 0
        self._outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._block and tag in _WHOLE | {"figure"}:
            self._block, self._depth, self._outside, self.out = tag, 0, self.out, []
        if tag == self._block:
            self._depth += 1
        super().handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        if tag == self._block:
            self._depth -= 1
            if not self._depth:
                kept, self.out = "".join(self.out), self._outside
                self._block = ""
                self.out.append(_attachment(kept))

    def close(self) -> None:
        super().close()
        if self._block:  # a block that never ended
            self.out = [*self._outside, *self.out]


def _attachment(kept: str) -> str:
    picture = re.match(r"<figure>\s*<img ([^>]*)>", kept)
    if picture is None:
        data: dict[str, object] = {"contentType": "text/html", "content": kept}
        says: dict[str, object] = {}
    else:
        shown = {
            name: html.unescape(value)
            for name, value in re.findall(r'(\w+)="([^"]*)"', picture.group(1))
        }
        data = {"contentType": "image", "url": shown.get("src", ""), "alt": shown.get("alt", "")}
        data |= {
            side: int(shown[side]) for side in ("width", "height") if shown.get(side, "").isdigit()
        }
        caption = re.search(r"<figcaption>(.*?)</figcaption>", kept, re.S)
        says = {"presentation": "gallery"}
        if caption:
            says["caption"] = html.unescape(re.sub(r"<[^>]+>", "", caption.group(1)))
    attrs = {_ATTACHMENT: json.dumps(data, ensure_ascii=False)}
    if says:
        attrs[_SAYS] = json.dumps(says, ensure_ascii=False)
    return _open("figure", dict(attrs)) + "</figure>"


class _FromEditor(_Copy):
    """Attachments become figures, links and the blocks they hold; their inside is the editor's."""

    def __init__(self) -> None:
        super().__init__()
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping:
            self._skipping += tag == "figure"
            return
        given = dict(attrs)
        if tag == "figure" and given.get(_ATTACHMENT):
            self._skipping = 1
            self.out.append(_shown(_json(given[_ATTACHMENT]), _json(given.get(_SAYS))))
            return
        super().handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            self._skipping -= tag == "figure"
            return
        super().handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            super().handle_data(data)

    def handle_entityref(self, name: str) -> None:
        if not self._skipping:
            super().handle_entityref(name)

    def handle_charref(self, name: str) -> None:
        if not self._skipping:
            super().handle_charref(name)


def _json(text: str | None) -> dict[str, object]:
    try:
        data = json.loads(text or "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _shown(data: dict[str, object], says: dict[str, object]) -> str:
    if content := data.get("content"):
        return str(content)
    address = str(data.get("url") or data.get("href") or "")
    caption = str(says.get("caption") or "")
    if not address:
        return ""  # its upload never ended
    said = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    kind = str(data.get("contentType") or "").partition("/")[0]
    if kind == "video":
        return f"<figure>{_open('video', {'src': address})}</video>{said}</figure>"
    if kind != "image":
        name = caption or str(data.get("filename") or address.rsplit("/", 1)[-1])
        return f"<p>{_open('a', {'href': address})}{html.escape(name)}</a></p>"
    attrs: dict[str, str | None] = {"src": address, "alt": str(data.get("alt") or "")}
    for side in ("width", "height"):
        if isinstance(size := data.get(side), int | float):
            attrs[side] = str(round(size))
    return f"<figure>{_open('img', attrs)}{said}</figure>"
