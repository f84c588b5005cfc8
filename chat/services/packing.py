"""The widget's scripts and styles as browsers get them: one file of each, without what only their
readers need. There is still no build: they are put together from the sources, once per process."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from gzip import compress
from pathlib import Path
from posixpath import dirname, join, normpath

import rcssmin
import rjsmin
from django.contrib.staticfiles import finders

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_NAMED = re.compile(r"^(?:async )?(?:class|function|const|let) (\w+)", re.MULTILINE)


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
    """A script and the modules it imports, by static name, in one scope: no two may use the same
    name outside of their functions."""
    parts: dict[str, str] = {}
    _gather(name, parts)
    named = Counter(name for body in parts.values() for name in _NAMED.findall(body))
    if twice := [name for name, count in named.items() if count > 1]:
        raise ValueError(f"{name}: named twice: {', '.join(twice)}")
    return Packed(rjsmin.jsmin("".join(parts.values())).encode())


def style(names: Iterable[str]) -> Packed:
    """Style sheets in their order, without the values that nothing here uses. The frame knows its
    reader's theme from the browser alone."""
    text = re.sub(r":root\.dark \{[^}]*\}", "", "".join(map(_read, names)))
    used = set(re.findall(r"var\((--[\w-]+)", text))
    text = re.sub(r"(--[\w-]+):[^;}]*;", lambda it: it[0] if it[1] in used else "", text)
    return Packed(rcssmin.cssmin(text).encode())


def _read(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise LookupError(f"no static file {name!r}")
    return Path(found).read_text()


def _gather(name: str, parts: dict[str, str]) -> None:
    source = _read(name)
    for wanted in _IMPORT.finditer(source):
        module = normpath(join(dirname(name), wanted[2]))
        if module not in parts:
            _gather(module, parts)
    body = _EXPORT.sub("", _IMPORT.sub("", source))
    if left := re.search(r"^(import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f"{name}: {left[0]!r} cannot be packed")
    parts[name] = body
