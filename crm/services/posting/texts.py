"""What a text must be before it is stored."""

import re

MAX_LENGTH = 10_000

# C0 controls but tab and newline, and the lone halves of surrogate pairs: PostgreSQL refuses NUL,
# UTF-8 has no surrogates, and nobody types the others
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class BadText(ValueError):
    """Nothing to say, or too much of it."""


def clean(text: str, *, limit: int | None = MAX_LENGTH) -> str:
    """Without what no text holds, line ends made one kind. Raises BadText above `limit`."""
    text = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if limit is not None and len(text) > limit:
        raise BadText(f"{len(text)} characters, {limit} at most")
    return text
