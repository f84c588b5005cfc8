"""Frames against docs/protocol.v1.json: what either side of a socket says must fit."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

FILE = Path(__file__).resolve().parent.parent / "docs" / "protocol.v1.json"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text())
_ID = SCHEMA["$id"]
_REGISTRY: Registry = Registry().with_resource(_ID, DRAFT202012.create_resource(SCHEMA))


@cache
def _validator(side: str, kind: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{_ID}#/{side}/{kind}"}, registry=_REGISTRY)


def fault(side: str, text: str | bytes) -> str:
    """What is wrong with a frame of `visitor_sends`, `console_hears` …; empty when it fits."""
    frame = json.loads(text)
    kind = frame.get("t")
    if kind not in SCHEMA[side]:
        return f"{side}: no frame is called {kind!r}"
    wrong = next(_validator(side, kind).iter_errors(frame), None)
    return f"{side} {kind}: {wrong.message}" if wrong else ""
