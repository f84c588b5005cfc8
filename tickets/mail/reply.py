"""What is new in a reply, and what is quoted. Pure; linear in the text.

Nothing is lost by a wrong guess: the whole text is kept beside it, and a mail in which nothing
new is found counts as new from end to end."""

import re

from tickets.mail import reply_words as words
from tickets.mail.html import OLD_BELOW

LIMIT = 200_000  # characters that are looked at; what follows is taken as it is
_WIDEST = 400  # characters of an attribution, which programs wrap over several lines
_FOOT = 40  # lines that a signature or small print has at most
_QUOTED = re.compile(r"\s{0,3}[>＞|]")
_LOOKS = str.maketrans(
    {"\xa0": " ", "\u202f": " ", "’": "'", "‘": "'", "´": "'", "`": "'"}
    | dict.fromkeys("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufeff", None)
)
_ODD = re.compile(f"[{''.join(map(chr, _LOOKS))}]")  # a search is much cheaper than a translation


def new_text(text: str) -> str:
    """The part of a mail that its sender wrote this time; inline answers stay, in their order."""
    looked, rest = text[:LIMIT], text[LIMIT:]
    lines = looked.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = _without_foot(_without_quotes(_without_banner(lines)))
    new = "\n".join(kept).strip("\n").rstrip()
    if not new.strip():
        return text.strip()
    return new.lstrip() + rest if rest and kept and kept[-1] is lines[-1] else new.lstrip()


def _plain(line: str) -> str:
    """As the patterns want it: typographic variants folded, quote marks and blanks taken off."""
    line = line[:_WIDEST]
    return (line.translate(_LOOKS) if _ODD.search(line) else line).strip("> \t*")


def _said(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)


# --- quotes ---------------------------------------------------------------------------------


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    index = 0
    while index < len(lines):
        length, ends = _old(lines, index)
        if ends and _said(kept):
            break
        if ends:
            # with nothing said above it: an answer below its quotes, else a forward
            answered = _quotes_before_answer(lines, index)
            if answered is None:
                return lines
            index = answered
        elif length:
            index += length
        else:
            kept.append(lines[index])
            index += 1
    return kept


def _old(lines: list[str], index: int) -> tuple[int, bool]:
    """How many lines from here are quoted, or announce what is; and whether everything below is
    an older mail, quoted or not."""
    if _QUOTED.match(lines[index]):
        return 1, False
    if lines[index].startswith(OLD_BELOW):
        return 0, True
    plain = _plain(lines[index])
    if len(lines[index]) > _WIDEST or not words.MAY_BEGIN.search(plain):
        return 0, False
    length, certain = _attribution(lines, index, plain)
    if length and _quoted_follows(lines, index + length):
        return length, False
    return 0, certain or _begins_old_mail(lines, index, plain)


def _attribution(lines: list[str], index: int, first: str) -> tuple[int, bool]:
    """How many lines from here are "On …, Ada wrote:", wrapped or not (0: they are not); and
    whether it is one even when nothing quoted follows."""
    joined = ""
    for length, line in enumerate(lines[index : index + 4], 1):
        plain = _plain(line)
        joined = f"{joined} {plain}".strip()
        if not plain or len(joined) > _WIDEST:
            break
        if plain.endswith((":", "：", "--")):
            return _is_attribution(joined, length)
    # some write no colon: then only what is quoted below tells
    return (1, False) if words.WROTE.search(first) and words.DATED.search(first) else (0, False)


def _is_attribution(joined: str, length: int) -> tuple[int, bool]:
    wrote = words.WROTE.search(joined)
    addressed = words.ADDRESSED.search(joined)
    dated = words.DATED.search(joined)
    if wrote and not words.TOLD.search(joined):
        certain = bool(dated or addressed) and (length == 1 or bool(_starts(joined)))
        return length, certain
    # no verb of ours: with a date it is one all the same, without only above a quote
    return (length, bool(dated)) if addressed and not wrote else (0, False)


def _starts(joined: str) -> bool:
    """Of a wrapped one: it begins as they begin, or with its date."""
    return bool(words.OPENS.match(joined) or words.DATED.search(joined[:60]) or joined[0] in '"<')


def _quoted_follows(lines: list[str], index: int) -> bool:
    following = [line for line in lines[index : index + 4] if line.strip()]
    return bool(following) and bool(_QUOTED.match(following[0]))


def _begins_old_mail(lines: list[str], index: int, line: str) -> bool:
    if words.SEPARATOR.fullmatch(line) or words.BARE_SEPARATOR.fullmatch(line):
        return True
    if words.RULE.fullmatch(line):
        return any(_head_block(lines, at, 2) for at in (index + 1, index + 2))
    return _head_block(lines, index, 3)


def _head_block(lines: list[str], index: int, wanted: int) -> bool:
    """The header lines of an older mail, written into the text in any order: From and others."""
    if index >= len(lines) or not (found := _labels(_plain(lines[index]))):
        return False
    strangers, address = 0, "@" in lines[index]
    for line in lines[index + 1 : index + 14]:
        plain = _plain(line)
        labels = _labels(plain)
        if plain and not labels:
            strangers += 1
            if strangers > 1:  # one may be a long line's second half
                break
        found |= labels
        address = address or "@" in line
    proper = address or words.SUBJECT in found or words.SENT in found
    return words.FROM in found and len(found) >= wanted and proper


def _labels(line: str) -> set[str]:
    """Which header lines this line is; more than one where the breaks between them were lost."""
    match = words.LABEL.match(line)
    if match is None or (kind := words.LABELS.get(match[1].lower())) is None:
        return set()
    inner = (words.LABELS.get(each[1].lower()) for each in words.WITHIN.finditer(line, match.end()))
    return {kind, *filter(None, inner)}


def _quotes_before_answer(lines: list[str], index: int) -> int | None:
    """Where the quotes begin that follow here, when something is said below them."""
    quotes = [at for at in range(index, len(lines)) if _QUOTED.match(lines[at])]
    if not quotes or not _said(lines[quotes[-1] + 1 :]):
        return None
    return quotes[0]


# --- banner, signature, small print ----------------------------------------------------------


def _without_banner(lines: list[str]) -> list[str]:
    """Without what a server wrote above the letter: the first paragraph, when it warns."""
    start = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if not words.BANNER.match(_plain(" ".join(lines[start : start + 3]))):
        return lines
    end = next((at for at in range(start, len(lines)) if not lines[at].strip()), len(lines))
    return lines[end:] if _said(lines[end:]) else lines


def _without_foot(lines: list[str]) -> list[str]:
    """Without signature, small print and "sent from my phone" at the end."""
    lines = _trimmed(lines)
    before = len(lines) + 1
    while len(lines) < before:
        before = len(lines)
        for cut in (_small_print, _dashes, _device, _contact):
            at = cut(lines)
            if at is not None and _said(lines[:at]):
                lines = _trimmed(lines[:at])
    return lines


def _trimmed(lines: list[str]) -> list[str]:
    """Without blank lines and rules at the end."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or words.RULE.fullmatch(_plain(lines[end - 1]))):
        end -= 1
    return lines[:end]


def _small_print(lines: list[str]) -> int | None:
    for at in range(max(0, len(lines) - _FOOT), len(lines)):
        if words.DISCLAIMER.match(_plain(" ".join(lines[at : at + 3]))):
            return at
    return None


def _dashes(lines: list[str]) -> int | None:
    for at in range(max(0, len(lines) - _FOOT), len(lines)):
        if words.DASHES.fullmatch(lines[at].strip(" \t\xa0\r")):
            return at
    return None


def _device(lines: list[str]) -> int | None:
    last = len(lines) - 1
    if last >= 0 and len(lines[last]) < _WIDEST and words.DEVICE.fullmatch(_plain(lines[last])):
        return last
    return None


def _contact(lines: list[str]) -> int | None:
    """After "Kind regards," and a name: telephone, address, company."""
    for at in range(max(0, len(lines) - 14), len(lines)):
        if not words.CLOSING.fullmatch(_plain(lines[at])):
            continue
        below = [number for number in range(at + 1, len(lines)) if lines[number].strip()]
        card = [_plain(lines[number]) for number in below[1:]]
        if any(map(words.CONTACT.search, card)) and not any(map(_is_sentence, card)):
            return below[1]
    return None


def _is_sentence(line: str) -> bool:
    return line.endswith("?") or (len(line.split()) > 7 and line.endswith((".", "!")))
