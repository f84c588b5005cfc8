"""The HTML of a mail: made harmless, and read as text. Pure."""

import html as entities
import re

import nh3

from crm.text import cards

# a line of the text: what is below it was written earlier (read by tickets/mail/reply.py)
OLD_BELOW = "\u2063"
LIMIT = 600_000  # characters of HTML that are read
TAGS_LIMIT = 30_000
DEPTH_LIMIT = 400  # tags inside one another
STYLES_LIMIT = 40  # <b>, <font>… open at once
# class and id are only read to recognise quotes; they do not survive
_TAGS = {
    "a", "abbr", "address", "b", "blockquote", "br", "caption", "center", "cite", "code", "col",
    "colgroup", "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "size", "face"},
    "td": {"colspan", "rowspan", "align", "valign", "width", "height", "bgcolor"},
    "th": {"colspan", "rowspan", "align", "valign", "width", "height", "bgcolor"},
    "table": {"width", "border", "cellpadding", "cellspacing", "align", "bgcolor"},
    "ol": {"start"},
}
_MARKED = {**_ATTRIBUTES, "*": {"class", "id", "type"}}
_SCHEMES = {"http", "https", "mailto", "tel", "cid"}
_GONE = {"script", "style", "title", "head", "noscript", "template", "iframe", "object"}
_STYLES = {
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt",
    "u",
}  # fmt: skip
# void, or closed by their neighbours
_NEVER_DEEP = {
    "p", "li", "dt", "dd", "td", "th", "tr", "option", "br", "hr", "img", "col", "meta", "link",
    "input", "base", "area", "wbr", "param", "html", "body",
}  # fmt: skip
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})")
_ANY_TOKEN = re.compile(r'(<(?:"[^"]*"|[^">])*>)')
_TOKEN = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:"[^"]*"|[^">])*)>')
# the names that mail programs give to what they quote, to the point below which all is quoted,
# and to the sender's signature; "x_" is what Outlook adds when it repeats somebody's HTML
_QUOTE_MARK = re.compile(
    r'(?:class|id)="[^"]*\b(?:x_)*(?:gmail_quote|gmail_quote_container|gmail_extra_quote'
    r"|moz-cite-prefix-body|yahoo_quoted|protonmail_quote|zmail_extra|tutanota_quote"
    r"|quoted-message|ydp\w*yahoo_quoted|history_container|mailru-blockquote"
    r"|OLK_SRC_BODY_SECTION)\b"
)
_OLD_MARK = re.compile(
    r'(?:class|id)="(?:x_)*(?:appendonsend|divRplyFwdMsg|OutlookMessageHeader|reply-intro'
    r"|mail-editor-reference-message-container|ms-outlook-mobile-reference-message)\b"
)
_SIGNATURE_MARK = re.compile(
    r'(?:class|id)="[^"]*\b(?:x_)*(?:gmail_signature|moz-signature|Signature'
    r"|ms-outlook-mobile-signature|protonmail_signature_block-user)\b"
)
_BLOCKS = {
    "address", "blockquote", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "li", "ol", "p", "pre", "table", "tr", "ul", "caption",
}  # fmt: skip
_SPACED = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "ul", "ol", "pre"}
_VOID = {"br", "hr", "img", "col"}
_WHITE = re.compile(r"[ \t\r\n\f\v]+")


def bounded(html: str) -> str:
    """At most so much HTML as can be read in good time: size, tags, and tags left open, because
    a parser opens each forgotten <b> again in every paragraph that follows."""
    html = html[:LIMIT]
    open_tags: dict[str, int] = {}
    depth = styles = 0
    for number, match in enumerate(_ANY_TAG.finditer(html)):
        name = match[2].lower()
        if name in _NEVER_DEEP:
            step = 0
        elif not match[1]:
            step = 1
        else:
            step = -1 if open_tags.get(name) else 0
        open_tags[name] = open_tags.get(name, 0) + step
        depth += step
        styles += step if name in _STYLES else 0
        if number >= TAGS_LIMIT or depth > DEPTH_LIMIT or styles > STYLES_LIMIT:
            return html[: match.start()]
    return html


def sanitise(html: str) -> str:
    """Only what a letter needs: no script, style, form, frame, handler or class. Pictures keep
    their addresses; whoever shows the mail decides whether they are loaded."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        clean_content_tags=_GONE,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def mask_cards(html: str) -> str:
    """Sanitised HTML without payment card numbers, also where tags stand between their digits."""
    parts = [part.replace("&nbsp;", "\u00a0") for part in _ANY_TOKEN.split(html)]  # text, tag, text
    shown = [_gap(part) if n % 2 else part for n, part in enumerate(parts)]
    said = "".join(shown)
    found = list(cards(said))
    if not found:
        return html
    letters = list(said)
    for card in found:
        digits = [place for place in range(*card.span()) if letters[place].isdigit()]
        for place in digits[:-4]:
            letters[place] = "•"
    place = 0
    for n, part in enumerate(shown):
        if n % 2 == 0:
            parts[n] = "".join(letters[place : place + len(part)])
        place += len(part)
    return "".join(parts)


def _gap(tag: str) -> str:
    """What stands between the words on both sides of a tag."""
    name = tag.strip("</>").partition(" ")[0]
    return "\n" if name in _BLOCKS or name in _VOID or name in ("td", "th") else ""


def to_text(html: str) -> str:
    """Readable text; what the mail program marked as quoted gets `> ` before each line."""
    marked = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_MARKED,
        url_schemes=_SCHEMES,
        clean_content_tags=_GONE,
        link_rel=None,
        strip_comments=True,
    )
    writer = _Writer()
    position = 0
    for match in _TOKEN.finditer(marked):
        writer.text(marked[position : match.start()])
        position = match.end()
        if match[1]:
            writer.close(match[2])
        else:
            writer.open(match[2], match[3])
    writer.text(marked[position:])
    return writer.done()


class _Writer:
    """Lines out of tags: block ends break, quoted elements indent."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.stack: list[tuple[str, bool]] = []
        self.depth = 0
        self.pre = 0
        self.gap = False

    def text(self, piece: str) -> None:
        if not piece:
            return
        piece = entities.unescape(piece)
        if self.pre:
            for number, part in enumerate(piece.split("\n")):
                if number:
                    self.break_line(force=True)
                self.line.append(part)
            return
        piece = _WHITE.sub(" ", piece)
        if not self.line:
            piece = piece.lstrip(" ")
        if piece:
            self.line.append(piece)

    def open(self, tag: str, attributes: str) -> None:
        if tag == "br":
            self.break_line(force=True)
            return
        if tag in _BLOCKS:
            self.break_line()
        if tag in _SPACED:
            self.gap = True
        if tag == "li":
            self.line.append("- ")
        elif tag in {"td", "th"} and self.line:
            self.line.append(" ")
        if tag in _VOID:
            return
        quoted = tag == "blockquote" or bool(attributes and _QUOTE_MARK.search(attributes))
        if attributes and not quoted:
            self.mark(attributes)
        self.stack.append((tag, quoted))
        self.depth += quoted
        self.pre += tag == "pre"

    def mark(self, attributes: str) -> None:
        """A line of its own where the program says what begins here."""
        if _OLD_MARK.search(attributes):
            self.lines.append(OLD_BELOW)
        elif _SIGNATURE_MARK.search(attributes):
            self.lines.append("-- ")

    def close(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.break_line()
        if tag in _SPACED:
            self.gap = True
        while self.stack:
            name, quoted = self.stack.pop()
            self.depth -= quoted
            self.pre -= name == "pre"
            if name == tag:
                break

    def break_line(self, *, force: bool = False) -> None:
        text = "".join(self.line)
        self.line = []
        text = text.rstrip() if self.pre else text.strip(" ")
        if not text and not force:
            return
        prefix = "> " * min(self.depth, 5)
        if self.gap and self.lines and self.lines[-1].strip("> "):
            self.lines.append(prefix.rstrip())
        self.gap = False
        self.lines.append((prefix + text).rstrip() if not text else prefix + text)

    def done(self) -> str:
        self.break_line()
        text = "\n".join(self.lines).replace("\xa0", " ")
        return re.sub(r"\n{4,}", "\n\n\n", text).strip("\n")
