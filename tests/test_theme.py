"""unfold under our content policy: an upgrade that changes what we override, or brings expressions
that the CSP build of Alpine cannot read, fails here, with what to do."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

from tests.doors import signed_in
from tests.theme_words import UNFOLD, untranslated

RECORD = Path(__file__).parent / "unfold_record.json"
OVERRIDES = settings.BASE_DIR / "config" / "theme" / "templates"
ALPINE = re.compile(
    r"""\b(x-(?:on|bind|data|init|show|if|model|text)[\w:.\-]*)=(["'])(.*?)\2""", re.DOTALL
)
SCRIPT = re.compile(r"<script>(.+?)</script>", re.DOTALL)


def overridden() -> dict[str, str]:
    """Hashes of the originals of what we override."""
    templates = UNFOLD / "templates"
    names = [str(p.relative_to(OVERRIDES)) for p in OVERRIDES.rglob("*.html")]
    files = {name: templates / name for name in names if (templates / name).exists()}
    files["app.js"] = UNFOLD / "static/unfold/js/app.js"
    return {n: hashlib.sha256(f.read_bytes()).hexdigest()[:16] for n, f in sorted(files.items())}


def beyond_the_csp_build() -> list[str]:
    """Expressions with `;`, `if (` or `=>`, and inline scripts, where we do not override."""
    found = []
    for file in sorted((UNFOLD / "templates").rglob("*.html")):
        name = str(file.relative_to(UNFOLD / "templates"))
        if (OVERRIDES / name).exists():
            continue
        text = file.read_text()
        for match in ALPINE.finditer(text):
            if re.search(r";|if \(|=>", match[3]):
                found.append(f"{name}: {match[1]}")
        found += [f"{name}: <script>" for _script in SCRIPT.finditer(text)]
    return found


def test_unfold_is_the_version_we_looked_at():
    record = json.loads(RECORD.read_text())
    assert overridden() == record["originals"], (
        "unfold changed templates that config/theme overrides: compare them, carry over what is "
        "new, look at the pages, then record the new hashes in tests/unfold_record.json"
    )
    assert beyond_the_csp_build() == record["beyond"], (
        "unfold has expressions that Alpine's CSP build cannot read: override those templates in "
        "config/theme, or record them if the product does not use them"
    )


def test_every_word_of_unfold_has_its_french():
    po = settings.BASE_DIR / "config" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    known: set = set()
    for file in [po, settings.BASE_DIR / "config/locale/borrowed.po"]:
        if file.exists():
            with file.open("rb") as source:
                known |= {
                    m.id if isinstance(m.id, str) else m.id[0]
                    for m in read_po(source)
                    if m.id and m.string
                }
    assert [word for word in untranslated() if word not in known] == []


@pytest.mark.django_db
def test_the_console_relaxes_one_directive_and_nothing_else(mia):
    policy = signed_in(mia, second_factor=True).get("/console/")["Content-Security-Policy"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
    assert parts["style-src-attr"] == "'unsafe-inline'"
    assert "unsafe" not in parts["script-src"]
    assert "unsafe" not in parts["style-src-elem"]
    assert parts["frame-ancestors"] == "'none'"


@pytest.mark.django_db
def test_outside_the_console_nothing_is_relaxed(client):
    policy = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "unsafe" not in policy
