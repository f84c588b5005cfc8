"""The widget's scripts and styles as browsers get them: one file of each, without what only their
readers need. There is still no build: they are put together from the sources, once per process."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from gzip import compress
from pathlib import Path
from posixpath import dirname, join, normpath

from django.contrib.staticfiles import finders

_TOKEN = re.compile(
    r"""
      (?P<text>"(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | `(?:\\.|[^`\\])*`
        | (?<=[(,=:\[!&|?{};\s])/(?![*/\s])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)
    | (?P<comment>//[^\n]* | /\*.*?\*/)
    | (?P<blank>\s+)
    | (?P<code>[\w$]+ | .)
    """,
    re.VERBOSE | re.DOTALL,
)
_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:class|function|const) (\w+))", re.MULTILINE)
# no line break is needed after the first, nor before the second
_OPEN, _SHUT = frozenset("{,;(=[:?&|>"), frozenset("})],;.?:&|")
_WORD = re.compile(r"[\w$]")


@dataclass(frozen=True)
class Packed:
    """What is served, plain and compressed."""

    plain: bytes

    @cached_property
    def gzip(self) -> bytes:
        return compress(self.plain, 9, mtime=0)

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.plain).hexdigest()[:12]


def script(name: str) -> Packed:
    """A script and the modules it imports, by static name: each a function of its own, so that
    their names do not meet; only what they export does, and no two may export the same."""
    parts: dict[str, str] = {}
    exported: set[str] = set()
    _gather(name, parts, exported)
    return Packed(without_blanks("".join(parts.values())).encode())


def style(names: Iterable[str]) -> Packed:
    """Style sheets in their order. The frame knows its reader's theme from the browser alone."""
    text = re.sub(r"/\*.*?\*/", "", "".join(_read(name) for name in names), flags=re.DOTALL)
    text = re.sub(r":root\.dark \{[^}]*\}", "", text)
    text = re.sub(r"\s+", " ", text)
    return Packed(re.sub(r" ?([{};,>]) ?", r"\1", text).replace(": ", ":").encode())


def _read(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise LookupError(f"no static file {name!r}")
    return Path(found).read_text()


def _gather(name: str, parts: dict[str, str], exported: set[str]) -> None:
    source = _read(name)
    for wanted in _IMPORT.finditer(source):
        module = normpath(join(dirname(name), wanted[2]))
        if module not in parts:
            _gather(module, parts, exported)
    source = _IMPORT.sub("", source)
    names = [found[2] for found in _EXPORT.finditer(source)]
    body = _EXPORT.sub(r"\1", source)
    if left := re.search(r"^(import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"{name}: {left[0]!r} cannot be packed")
    if twice := exported & set(names):
        raise ValueError(f"{name}: exported twice: {', '.join(twice)}")
    exported.update(names)
    given = f"{{{','.join(names)}}}"
    head, result = (f"const {given} = ", f"return {given};") if names else ("", "")
    parts[name] = f"{head}(() => {{\n{body}\n{result}}})();\n"


def without_blanks(source: str) -> str:
    """A script without comments, indentation and needless blanks; texts stay as they are."""
    out: list[str] = []
    gap = ""
    for token in _TOKEN.finditer(source):
        kind, said = token.lastgroup, token[0]
        if kind == "blank":
            gap = "\n" if "\n" in said or gap == "\n" else " "
        elif kind != "comment":
            if said[0] == "`" and said.count("{") != said.count("}"):
                raise ValueError(f"a template within a template: {said!r}")
            out += [_between(out[-1][-1], gap, said[0]) if out else "", said]
            gap = ""
    return "".join(out)


def _between(last: str, gap: str, first: str) -> str:
    if gap == "\n":
        return "" if last in _OPEN or first in _SHUT else "\n"
    words = _WORD.match(last) and _WORD.match(first)
    return gap if words or last + first in ("++", "--") else ""
