"""Texts for translation, in pure Python: found by Babel, templates through Django's own reader."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

BASE_DIR = Path(__file__).resolve().parent.parent
APPS = ("config", "crm", "chat", "tickets", "selfcare")
LOCALE = BASE_DIR / "config" / "locale"
LANGUAGE = "fr"  # msgids are English
PO = LOCALE / LANGUAGE / "LC_MESSAGES" / "django.po"
# French for words of libraries that ship none; written by hand, our own words win.
BORROWED = LOCALE / "borrowed.po"

# Without dates and names, which would change at every run.
_HEADER = """\
# French of Bravo: vous, U+00A0 before ? ! : ; and », curly apostrophes; see `make lint`.
msgid ""
msgstr ""
"Language: fr\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""

# Which arguments of each function are texts, as Babel writes it: 1c is the context.
_KEYWORDS: dict[str, tuple | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Django's reader writes u'…' before what it found in a template.
_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({_STRING}(?:\s*,\s*{_STRING})*)")


class Text(NamedTuple):
    msgid: str
    plural: str
    context: str
    place: str


def find() -> Iterator[Text]:
    """Every text of our Python code and templates."""
    for app in APPS:
        for path in sorted((BASE_DIR / app).rglob("*")):
            place = str(path.relative_to(BASE_DIR))
            if "migrations" in path.parts or "locale" in path.parts:
                continue
            if path.suffix == ".py":
                yield from _in_python(path, place)
            elif path.suffix in (".html", ".txt") and "templates" in path.parts:
                yield from _in_template(path.read_text(), place)


def _in_python(path: Path, place: str) -> Iterator[Text]:
    for line, message, _comments, context in extract_from_file("python", path, _KEYWORDS):
        msgid, plural = message if isinstance(message, tuple) else (message, "")
        if msgid:
            yield Text(msgid, plural, context or "", f"{place}:{line}")


def _in_template(source: str, place: str) -> Iterator[Text]:
    for name, texts in _CALL.findall(templatize(source)):
        words = [ast.literal_eval(text) for text in re.findall(_STRING, texts)]
        context = words.pop(0) if "pgettext" in name else ""
        plural = words[1] if name.startswith("n") and len(words) > 1 else ""
        # Django's {% blocktranslate %} gives %% for a percent sign, as the catalog wants it.
        yield Text(words[0], plural, context, place)


def read(path: Path = PO) -> Catalog:
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def missing(catalog: Catalog) -> list[Text]:
    """Texts without French, each once."""
    lacking: dict[tuple[str, str], Text] = {}
    for text in find():
        entry = catalog.get(text.msgid, text.context or None)
        given = entry.string if entry and not entry.fuzzy else ""
        done = all(given) if isinstance(given, list | tuple) else bool(given)
        if not done or (text.plural and isinstance(given, str)):
            lacking.setdefault((text.msgid, text.context), text)
    return list(lacking.values())


def _kept(catalog: Catalog, text: Text) -> str | tuple[str, ...] | list[str] | None:
    entry = catalog.get(text.msgid, text.context or None)
    if not entry or bool(entry.pluralizable) != bool(text.plural):
        return None
    return entry.string or None


def update(path: Path = PO) -> int:
    """Bring the French catalog up to date with the code; answers how many lack French."""
    old = read(path)
    new = Catalog(locale=LANGUAGE)
    for text in find():
        key: str | tuple[str, str] = (text.msgid, text.plural) if text.plural else text.msgid
        new.add(
            key,
            _kept(old, text),
            locations=[(text.place.partition(":")[0], 0)],
            context=text.context or None,
        )
    for entry in read(BORROWED):
        if entry.id and not new.get(entry.id, entry.context):
            new.add(entry.id, entry.string, locations=[(BORROWED.name, 0)], context=entry.context)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(_HEADER.encode())
        write_po(file, new, omit_header=True, sort_output=True, include_lineno=False, width=100)
    return len(missing(new))


def compile_all(folder: Path = LOCALE) -> None:
    """Make each .mo whose .po is newer."""
    for source in folder.glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parent.parent.name)
        unfinished = target.with_suffix(".new")
        with unfinished.open("wb") as file:
            write_mo(file, catalog)
        unfinished.replace(target)
