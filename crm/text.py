"""Folding and sort keys: how words compare, the same in Python and in SQL; and the one HTML
allow-list. No Django."""

import html
import re
import unicodedata
from collections.abc import Iterator

import nh3

_LIGATURES = str.maketrans(
    {
        "œ": "oe",
        "Œ": "oe",
        "æ": "ae",
        "Æ": "ae",
        "ß": "ss",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "’": "'",
        "ʼ": "'",
    }
)
_NOT_WORD = re.compile(r"[^0-9a-z]+")


# 13 to 19 digits, in groups or not, not within a longer number
_CARD = re.compile(r"(?<![\d-])\d(?:[ \u00a0\u202f.-]?\d){12,18}(?![\d-])")


# a picture among a letter's own files, shown in its text: ![words](name of the file)
PICTURE = re.compile(r"!\[[^\]\n]*\]\(<?([^)>\n]{1,200})>?\)")


def without_pictures(text: str) -> str:
    """For who reads no HTML: pictures are their names, and Markdown reads well as it is."""
    return PICTURE.sub(r"[\1]", text)


def mask_cards(text: str) -> str:
    """Payment card numbers without all but their last four digits: nobody needs them in a
    conversation. A number whose check digit is wrong (a parcel, a meter) stays."""
    return _CARD.sub(_masked, text)


def cards(text: str) -> Iterator[re.Match[str]]:
    """Where payment card numbers stand."""
    return filter(_is_card, _CARD.finditer(text))


def _masked(found: re.Match[str]) -> str:
    return f"•••• {_digits(found)[-4:]}" if _is_card(found) else found[0]


def _digits(found: re.Match[str]) -> str:
    return re.sub(r"\D", "", found[0])


def _is_card(found: re.Match[str]) -> bool:
    """By its check digit."""
    total = 0
    for place, digit in enumerate(reversed(_digits(found))):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def fold(text: str) -> str:
    """Lower case, no accents, ligatures or curly apostrophes: "Œuvre d’Été" → "oeuvre d'ete"."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """The folded words of a text, punctuation dropped."""
    return [word for word in _NOT_WORD.split(fold(text)) if word]


def sort_key(text: str) -> str:
    """Folded words with single blanks: what names are sorted and prefix-matched by."""
    return " ".join(words(text))


def excerpt(text: str, length: int = 120) -> str:
    """One line of at most `length` characters, for lists and notifications."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


# No class, id or style: markup that others wrote cannot borrow our look, nor a script's hooks.
_TAGS = {
    "a", "b", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "figcaption",
    "figure", "h2", "h3", "h4", "hr", "i", "img", "kbd", "li", "ol", "p", "pre", "s", "span",
    "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul", "video",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "video": {"src", "width", "height"},
}
# a film starts when somebody starts it; one forced attribute only: nh3 gives several in any order
_ALWAYS = {"video": {"controls": ""}}
_BLOCK = re.compile(
    r"</(?:p|div|li|h[2-4]|tr|td|th|dd|dt|caption|blockquote|pre)>|<br ?/?>|<hr ?/?>"
)


def clean_html(markup: str) -> str:
    """HTML that is safe to show as our own, whoever wrote it."""
    return nh3.clean(
        markup,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        set_tag_attribute_values=_ALWAYS,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer",
    )


_WHITE = re.compile(r"[ \t\r\n]+")  # a no-break space is a word's own
_PRE = re.compile(r"(<pre>.*?</pre>)", re.S)
_AROUND_BLOCKS = re.compile(
    r" ?(</?(?:p|div|ul|ol|li|h[2-4]|table|caption|thead|tbody|tr|t[dh]|d[ldt]|blockquote|pre"
    r"|figure|figcaption|hr|br)\b[^>]*>) ?"
)


def tight(markup: str) -> str:
    """Clean HTML without the white space that no reader sees: two texts that look the same are."""
    parts = _PRE.split(markup)
    parts[::2] = [_AROUND_BLOCKS.sub(r"\1", _WHITE.sub(" ", one)) for one in parts[::2]]
    return "".join(parts).strip()


def plain(markup: str) -> str:
    """The words of an HTML text, a blank where a block ends."""
    spaced = _BLOCK.sub(lambda found: found.group() + " ", markup)
    return " ".join(html.unescape(nh3.clean(spaced, tags=set())).split())
