"""docs/protocol.md and its schemas say what the code does."""

import re

import pytest
from jsonschema import Draft202012Validator

from chat.consumers import VisitorConsumer
from crm import hub
from crm.consumers import ConsoleConsumer, base
from tests import protocol

WORDS = protocol.FILE.with_name("protocol.md").read_text()
TYPES = {bool: "boolean", str: "string", int: "integer", dict: "object"}


def resolved(schema):
    while "$ref" in schema:
        schema = protocol.SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def type_of(schema):
    """The one JSON type of a property; words to choose from are text."""
    schema = resolved(schema)
    return schema.get("type") or "string"


def test_the_schemas_are_schemas():
    for side in ("visitor_sends", "visitor_hears", "console_sends", "console_hears"):
        for schema in protocol.SCHEMA[side].values():
            Draft202012Validator.check_schema(schema)
    assert protocol.SCHEMA["$id"] == f"bravo:protocol:{base.VERSION}"


@pytest.mark.parametrize(
    ("side", "consumer"), [("visitor_sends", VisitorConsumer), ("console_sends", ConsoleConsumer)]
)
def test_what_a_client_may_say_is_what_the_consumer_reads(side, consumer):
    said = {
        kind: {
            name: (type_of(field), name in schema["required"])
            for name, field in schema["properties"].items()
            if name != "t"
        }
        for kind, schema in protocol.SCHEMA[side].items()
    }
    read = {
        kind: {name: (TYPES[python], required) for name, (python, required) in fields.items()}
        for kind, fields in consumer.fields.items()
    }
    assert said == read


def test_every_frame_and_code_has_its_line_in_the_document():
    for side in ("visitor_sends", "visitor_hears", "console_sends", "console_hears"):
        for kind in protocol.SCHEMA[side]:
            assert f"| `{kind}` |" in WORDS
    errors, closes = WORDS.partition("## Error codes")[2].split("## Close codes")[:2]
    assert re.findall(r"^\| `(\w+)` \|", errors, re.M) == protocol.SCHEMA["$defs"]["code"]["enum"]
    codes = re.findall(r"\b\d{4}\b", "".join(re.findall(r"^\| [\d, ]+ \|", closes, re.M)))
    assert set(protocol.SCHEMA["closes"]) <= set(codes)
    assert {str(base.SESSION_OVER), str(base.FLOOD), str(hub.OVERFLOW)} <= set(codes)


@pytest.mark.parametrize(
    ("side", "text"),
    [
        ("visitor_sends", '{"t": "say", "i": 1, "client_id": "x"}'),
        ("visitor_sends", '{"t": "open", "i": 1}'),
        ("console_hears", '{"t": "ack", "client_id": "x", "i": 1, "seq": -1, "id": 2}'),
        ("visitor_hears", '{"t": "message", "i": 1, "seq": 1, "m": {}}'),
    ],
)
def test_a_frame_that_does_not_fit_is_found_out(side, text):
    assert protocol.fault(side, text)
