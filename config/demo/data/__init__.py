"""What the demo's people are called, ask, answer and read; no real person or brand."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def load(name: str) -> Any:
    """The content of `name`.json."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
