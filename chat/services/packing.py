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

import rcssmin
import rjsmin
from django.contrib.staticfiles import finders

_IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:class|function|const) (\w+))", re.MULTILINE)


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
    return Packed(rjsmin.jsmin("".join(parts.values())).encode())


def style(names: Iterable[str]) -> Packed:
    """Style sheets in their order. The frame knows its reader's theme from the browser alone."""
    text = re.sub(r":root\.dark \{[^}]*\}", "", "".join(map(_read, names)))
    return Packed(rcssmin.cssmin(text).encode())


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
