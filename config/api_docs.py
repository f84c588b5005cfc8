"""The API's page, drawn from its own schema: plain HTML, under the strict content policy."""

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.generators import SchemaGenerator

from crm.services.access import is_staff, may_work

VERBS = ["get", "post", "put", "patch", "delete"]


def page(request: HttpRequest) -> HttpResponse:
    """Staff only, as the API itself."""
    if not is_staff(request.user):
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.get_full_path())
    if not may_work(request.user, request.session):
        raise PermissionDenied
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return render(request, "api_docs.html", {"info": schema["info"], "groups": groups(schema)})


def groups(schema: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by their first tag, in the schema's order."""
    found: dict[str, list[dict[str, Any]]] = {}
    components = schema.get("components", {}).get("schemas", {})
    for address, operations in schema["paths"].items():
        for verb in VERBS:
            if (operation := operations.get(verb)) is None:
                continue
            tag = (operation.get("tags") or ["other"])[0]
            found.setdefault(tag, []).append(_operation(verb, address, operation, components))
    return found


def _operation(verb: str, address: str, operation: dict, components: dict) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "verb": verb.upper(),
        "address": address,
        "words": operation.get("description", ""),
        "parameters": [
            {
                "name": p["name"],
                "where": p["in"],
                "required": p.get("required", False),
                "words": p.get("description", ""),
                "type": p["schema"].get("type", ""),
            }
            for p in operation.get("parameters", [])
        ],
        "body": _fields(body.get("schema", {}), components),
        "answers": [
            {
                "code": code,
                "words": answer.get("description", ""),
                "fields": _answer(answer, components),
            }
            for code, answer in sorted(operation.get("responses", {}).items())
        ],
    }


def _answer(answer: dict, components: dict) -> list[dict[str, Any]]:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return _fields(schema, components)


def _fields(schema: dict, components: dict) -> list[dict[str, Any]]:
    """A schema's own fields; a page of results shows the fields of one result."""
    schema = _resolved(schema, components)
    rows = schema.get("properties", {}).get("results")
    if rows:
        schema = _resolved(rows.get("items", {}), components)
    if schema.get("type") == "array":
        schema = _resolved(schema.get("items", {}), components)
    required = set(schema.get("required", []))
    return [
        {
            "name": name,
            "type": _type(part, components),
            "required": name in required,
            "read_only": part.get("readOnly", False),
            "words": part.get("title", ""),
        }
        for name, part in schema.get("properties", {}).items()
    ]


def _resolved(schema: dict, components: dict) -> dict:
    reference = schema.get("$ref", "")
    return components.get(reference.rpartition("/")[2], {}) if reference else schema


def _type(part: dict, components: dict) -> str:
    for choice in ("allOf", "oneOf", "anyOf"):
        if choice in part:
            return " | ".join(filter(None, (_type(p, components) for p in part[choice])))
    if "$ref" in part:
        target = _resolved(part, components)
        return ", ".join(str(v) for v in target["enum"]) if "enum" in target else "object"
    if "enum" in part:
        return ", ".join(str(value) for value in part["enum"] if value is not None)
    return str(part.get("format") or part.get("type") or "any")
