"""unfold's own words, from its installed templates and code, minus what Django translates."""

import re
from importlib.util import find_spec
from pathlib import Path

from django.utils import translation

UNFOLD = Path(find_spec("unfold").submodule_search_locations[0])
USED = ["templates", "contrib/filters", "contrib/forms"]
_TAG = re.compile(r"""{%-?\s*(?:trans|translate)\s+(["'])(?P<words>.+?)\1""")
_CALL = re.compile(r"""\b_\(\s*(["'])(?P<words>.+?)\1\s*\)""")
_IN_TAG = re.compile(r"""_\((["'])(?P<words>.+?)\1\)""")


def msgids() -> set[str]:
    """Every word of the parts of unfold that the product uses."""
    found = set()
    for folder in USED:
        for file in (UNFOLD / folder).rglob("*.html"):
            text = file.read_text()
            found |= {m["words"] for m in _TAG.finditer(text)}
            found |= {m["words"] for m in _IN_TAG.finditer(text)}
    for file in [*UNFOLD.glob("*.py"), *(UNFOLD / "contrib/filters").rglob("*.py")]:
        found |= {m["words"] for m in _CALL.finditer(file.read_text())}
    return found


def untranslated() -> list[str]:
    """Those that French pages would show in English."""
    with translation.override("fr"):
        return sorted(w for w in msgids() if translation.gettext(w) == w and w not in SAME)


# the same word in both languages
SAME = {"Actions", "Total", "Action", "Date", "Configuration", "Code", "Type", "Status"}
