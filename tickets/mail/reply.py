"""What is new in a reply, and what is quoted. Pure; linear in the text.

Nothing is lost by a wrong guess: the whole text is kept beside it, and a mail in which nothing
new is found counts as new from end to end."""

import re
from dataclasses import dataclass

LIMIT = 200_000  # characters that are looked at; what follows is taken as it is
_WIDEST = 400  # characters of an attribution, which programs wrap over several lines

# --- "On …, Ada wrote:" --------------------------------------------------------------------
_WROTE = re.compile(
    r"""^[>\s*_]*(?:
      (?:le|on|am|el|il|il\s+giorno|op|em|a|w\s+dniu|dnia|den|d\.|в|ср|пн|вт|чт|пт|сб|вс)\b.{3,380}?
      (?:a\s+[ée]crit|a\s+e\u0301crit|[ée]crivait|wrote|schrieb|escribi[óo]|ha\s+scritto|schreef
        |heeft\s+(?:het\s+volgende\s+)?geschreven|escreveu|napisa[łl]\(?a?\)?|pisze|skrev|написал[аи]?|пишет)
      \s*.{0,120}?[:：]?\s*$
    | .{3,300}(?:\s|\xa0)(?:a\s+[ée]crit|wrote|schrieb|escribi[óo]|ha\s+scritto|schreef|escreveu
        |napisa[łl]\(?a?\)?|написал[аи]?|пишет)\s*[:：]\s*$
    | \d{1,4}[-./年]\d{1,2}[-./月]\d{1,4}.{0,200}[<＜].{3,120}[>＞]\s*[:：]?\s*$
    | .{0,200}(?:写道|寫道|のメール|さんは書きました)\s*[:：]\s*$
    | .{0,40}\d{1,2}:\d{2}.{0,160}[<"].{3,120}@.{3,120}[>"]\s*[:：]\s*$
    )""",
    re.VERBOSE | re.IGNORECASE,
)
# a cheap look before the pattern above is tried: one of these is in every line that it matches
_WROTE_HINTS = (
    "crit", "crivait", "wrote", "schrieb", "escrib", "scritto", "schreef", "geschreven",
    "escreveu", "napisa", "pisze", "skrev", "написал", "пишет", "写道", "寫道", "メール",
    "書きました", "@",
)  # fmt: skip
_WROTE_START = re.compile(
    r"^[>\s*_]*(?:le|on|am|el|il|op|em|w\s+dniu|dnia|den|в)\s+\S", re.IGNORECASE
)

# --- "-----Original Message-----" ----------------------------------------------------------
_SEPARATOR = re.compile(
    r"""^[>\s]*[-_=*]{2,30}\s*(?:
      message\s+d['’´`\s]?\s*origine|message\s+original|message\s+transf[ée]r[ée]|message\s+initial
    | courriel\s+original|mail\s+original|e-?mail\s+d['’]origine
    | original\s+(?:message|appointment)|forwarded\s+(?:message|by.{0,80})|original\s+e-?mail
    | urspr[üu]ngliche\s+(?:nachricht|e-?mail)|original-?nachricht|weitergeleitete\s+nachricht
    | mensaje\s+original|mensaje\s+reenviado|messaggio\s+originale|messaggio\s+inoltrato
    | oorspronkelijk\s+bericht|doorgestuurd\s+bericht|mensagem\s+original|mensagem\s+encaminhada
    | (?:oryginalna\s+wiadomo[śs][ćc]|wiadomo[śs][ćc]\s+oryginalna
        |wiadomo[śs][ćc]\s+przes[łl]ana.{0,20})
    | исходное\s+сообщение|原始邮件|原始郵件|original
    )\s*[-_=*]{2,30}\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
_BARE_SEPARATOR = re.compile(
    r"^\s*(?:message\s+d['’]\s?origine|d[ée]but\s+du\s+message\s+(?:r[ée]exp[ée]di[ée]|transf[ée]r[ée])"
    r"|begin\s+forwarded\s+message|anfang\s+der\s+weitergeleiteten\s+nachricht)\s*[:：]?\s*$",
    re.IGNORECASE,
)
# our own line above the quote in what we send (tickets/mail/compose.py)
OWN_MARK = "\u2063"  # an invisible separator at its start
_RULE = re.compile(r"^\s*[_\-]{20,}\s*$")

# --- "De : … / Envoyé : … / À : … / Objet : …" ---------------------------------------------
_FROM = re.compile(
    r"^[>\s*]*(?:de|exp[ée]diteur|from|von|da|van|od|от|发件人|寄件者|差出人)\*?[\s\xa0]*[:：]\*?[\s\xa0]*\S",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"^[>\s*]*(?:envoy[ée]e?(?:\s+le)?|date|[àa]|destinataires?|cc|copie\s+[àa]|objet|sujet|sent|to|subject|reply-to"
    r"|gesendet|datum|an|betreff|enviado(?:\s+el)?|fecha|para|asunto|inviato|data|oggetto"
    r"|verzonden|aan|onderwerp|enviada(?:\s+em)?|assunto|wys[łl]ano?|do|temat|дата|кому|тема"
    r"|发送时间|收件人|主题|寄件日期|收件者|主旨|送信日時|宛先|件名)\*?[\s\xa0]*[:：]",
    re.IGNORECASE,
)

# --- what closes a letter ------------------------------------------------------------------
_DASHES = re.compile(r"^--[ \xa0]?$|^__[ \xa0]?$")
_DEVICE = re.compile(
    r"""^[\s*_>-]*(?:
      envoy[ée]\s+(?:de|depuis|[àa]\s+partir\s+d|par)\b.{1,80}
    | provenance\s*:\s*.{1,60}|t[ée]l[ée]charge[zr]\s+outlook.{0,80}|obtenez\s+outlook.{0,80}
    | sent\s+(?:from|with|via|using)\b.{1,80}|get\s+outlook\s+for.{1,80}|get\s+\[?outlook.{1,80}
    | (?:von|vom)\s+mein.{1,60}\s+gesendet.{0,40}|gesendet\s+(?:von|mit|[üu]ber)\b.{1,80}
    | holen\s+sie\s+sich\s+outlook.{0,60}
    | enviado\s+(?:desde|de|do|a\s+partir)\b.{1,80}|obtener\s+outlook.{0,60}
    | inviato\s+(?:da|dal|dall).{1,80}|scarica\s+outlook.{0,60}
    | verzonden\s+(?:vanaf|vanuit|met|via)\b.{1,80}|verstuurd\s+vanaf.{1,80}
    | wys[łl]an[eoay]\s+(?:z|za)\b.{1,80}|отправлено\s+(?:с|из)\b.{1,80}
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s{0,3}[>＞|]")


@dataclass(slots=True)
class Cut:
    """Where the letter ends: index of the first line that is no longer new, and why."""

    at: int
    why: str


def new_text(text: str) -> str:
    """The part of a mail that its sender wrote this time; inline answers stay, in their order."""
    looked, rest = text[:LIMIT], text[LIMIT:]
    lines = looked.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = _without_signature(_without_quotes(lines))
    new = "\n".join(kept).strip()
    if not new:
        return text.strip()
    return new + rest if rest and kept and kept[-1] is lines[-1] else new


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if _QUOTED.match(line):
            index += 1
            continue
        if line.startswith(OWN_MARK) and _said(kept):
            break
        length = _attribution(lines, index)
        if length and _quoted_follows(lines, index + length):
            index += length
            continue
        if _begins_old_mail(lines, index) or (length and _is_dated(lines, index, length)):
            # with nothing said before it, the old mail is what is sent: a forward
            return kept if _said(kept) else lines
        kept.append(line)
        index += 1
    return kept


def _said(kept: list[str]) -> bool:
    return any(line.strip() for line in kept)


def _attribution(lines: list[str], index: int) -> int:
    """How many lines from here are "On …, Ada wrote:", wrapped or not; 0 when they are not."""
    line = lines[index]
    if not line.strip() or len(line) > _WIDEST:
        return 0
    lower = line.lower()
    if any(hint in lower for hint in _WROTE_HINTS) and _WROTE.match(line):
        return 1
    if not _WROTE_START.match(line):
        return 0
    joined = line
    for length in (2, 3, 4):
        if index + length > len(lines) or not lines[index + length - 1].strip():
            return 0
        joined = f"{joined.rstrip()} {lines[index + length - 1].strip()}"
        if len(joined) > _WIDEST:
            return 0
        if joined.rstrip().endswith((":", "：")) and _WROTE.match(joined):
            return length
    return 0


def _is_dated(lines: list[str], index: int, length: int) -> bool:
    """ "Le voisin a écrit :" is no attribution when nothing quoted follows it."""
    return any(char.isdigit() for line in lines[index : index + length] for char in line)


def _quoted_follows(lines: list[str], index: int) -> bool:
    following = [line for line in lines[index : index + 4] if line.strip()]
    return bool(following) and bool(_QUOTED.match(following[0]))


def _begins_old_mail(lines: list[str], index: int) -> bool:
    line = lines[index]
    if len(line) > _WIDEST or not line.strip():
        return False
    if _SEPARATOR.match(line) or _BARE_SEPARATOR.match(line):
        return True
    if _RULE.match(line):
        return any(_head_block(lines, at) for at in (index + 1, index + 2))
    return _head_block(lines, index)


def _head_block(lines: list[str], index: int) -> bool:
    """The header lines of an older mail, written into the text: From and two more."""
    if index >= len(lines) or not _FROM.match(lines[index][:_WIDEST]):
        return False
    window = [line[:_WIDEST] for line in lines[index + 1 : index + 9] if line.strip()][:6]
    return sum(1 for line in window if _OTHER.match(line)) >= 2


def _without_signature(lines: list[str]) -> list[str]:
    """Without "-- " and what follows it, and without "sent from my phone" at the end."""
    for index, line in enumerate(lines):
        if _DASHES.match(line.rstrip("\r")) and len(lines) - index <= 40 and _said(lines[:index]):
            lines = lines[:index]
            break
    while lines:
        last = lines[-1]
        if last.strip() and not (len(last) < _WIDEST and _DEVICE.match(last)):
            break
        if last.strip() and not _said(lines[:-1]):
            break
        lines = lines[:-1]
    return lines
