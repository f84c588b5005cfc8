"""What the page says about itself and its reader at the moment of asking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Page:
    """The browser's own word, all of it: nothing here is proof of anything."""

    url: str
    title: str = ""
    seconds: int = 0
    typing: bool = False  # has a form field of the page under the cursor
    refused_before: bool = False  # the device's one value: somebody here said no
    scroll: int = 0  # percent
    leaving: bool = False
    site_seconds: int = 0
    pages: int = 1
    referrer: str = ""
    returning: bool = False
    invited_days: int | None = None  # since the device was last shown one
    consent: bool = False  # to being remembered from page to page
    data: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[str, ...] = ()
