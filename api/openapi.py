"""Describes the service in OpenAPI 3.1, from its routes: what may be sent, and what comes back.

The routes themselves say which there are and what each does. What they take is listed here, and a
test holds the list to the code that reads it.
"""

import inspect
import re
from http import HTTPStatus
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from .answer_schemas import examples, schema_of
from .pages.rendering import PREFIX
from .parameters import LINE_LENGTH_MAX
from .problems import MEDIA_TYPE

JSON = "application/json"
CONVERTER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
# Names in parentheses at the end of a docstring are what is listed below.
FIELDS_SAID = re.compile(r"\s*\([^()]*\)\.$")

# What a GET takes in its query; all of it may be left out.
QUERIES = {
    "GET /deployments": ("name", "status", "limit", "cursor"),
    "GET /gates/{deployment}": ("coverage",),
    "GET /incidents": ("status", "priority", "source", "since", "sort", "limit", "cursor"),
    "GET /invariants/status": ("limit",),
    "GET /reports/executive": ("limit", "before"),
    "GET /reports/executive/latest": ("format",),
    "GET /reports/executive/{executive_report_id}": ("format",),
    "GET /security/blocks": ("limit", "cursor"),
    "GET /security/events": ("kind", "client", "since", "limit", "cursor"),
    "POST /reports/executive": ("from", "to"),
}
# What a write takes in its body: the members that it must have, and those that it may have.
BODIES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "POST /alerts/dead-letters/{delivery_id}/resend": (("by",), ()),
    "POST /incidents/{incident_id}/acknowledge": (("by",), ()),
    "POST /incidents/{incident_id}/close": (("reason", "by"), ()),
    "POST /incidents/{incident_id}/comments": (("comment", "by"), ()),
    "POST /incidents/{incident_id}/escalate": (("reason", "by"), ()),
    "POST /incidents/{incident_id}/silence": (("until", "reason", "by"), ()),
    "POST /incidents/{incident_id}/unacknowledge": (("by",), ()),
    "POST /maintenance-windows": (
        ("source", "scope", "startsAt", "endsAt", "reason", "by"),
        (),
    ),
    "POST /reports/executive": ((), ()),
    "POST /requests": (("source", "observations"), ()),
    "POST /security/blocks": (("client", "reason", "by"), ("until",)),
    "DELETE /security/blocks": (("client", "by"), ()),
    "POST /silences": (("source", "scope", "until", "reason", "by"), ("priorities",)),
    "DELETE /silences/{silence_id}": (("by",), ()),
    "POST /system-mode/safe": (("reason", "enabledBy"), ()),
    "DELETE /system-mode/safe": (("overrideToken", "disabledBy"), ()),
}
# Bodies whose sender defines what they hold; their signature is their authority.
SIGNED = {
    "POST /webhooks/pagerduty": JSON,
    "POST /webhooks/slack": "application/x-www-form-urlencoded",
}
# Answers that are not JSON with 200.
ANSWERS = {
    "GET /": (HTTPStatus.OK, (JSON, "text/html")),
    "GET /badge.svg": (HTTPStatus.OK, ("image/svg+xml",)),
    "GET /docs": (HTTPStatus.OK, ("text/html",)),
    "GET /metrics": (
        HTTPStatus.OK,
        ("text/plain", "application/openmetrics-text"),
    ),
    "GET /reports/executive/latest": (HTTPStatus.OK, (JSON, "text/html", "text/markdown")),
    "GET /reports/executive/{executive_report_id}": (
        HTTPStatus.OK,
        (JSON, "text/html", "text/markdown"),
    ),
    "GET /runbooks/{name}": (HTTPStatus.OK, ("text/plain", "text/html")),
    "POST /reports/executive": (HTTPStatus.CREATED, (JSON,)),
}

TEXT = {"type": "string", "minLength": 1, "maxLength": LINE_LENGTH_MAX, "pattern": r"\S"}
MOMENT = {"type": "string", "format": "date-time"}
# Parameters and members whose name says what they are; every other one is a line of text.
TYPES: dict[str, dict[str, Any]] = {
    "before": {"type": "integer", "minimum": 0, "maximum": 999999999},
    "coverage": {"type": "number", "minimum": 0, "maximum": 100},
    "endsAt": MOMENT,
    "format": {"enum": ["json", "html", "markdown"]},
    "from": MOMENT,
    "limit": {"type": "integer", "minimum": 1, "maximum": 200},
    "observations": {"type": "array", "items": {"type": "object"}},
    "priorities": {"type": "array", "items": {"enum": ["P1", "P2", "P3", "P4"]}},
    "since": MOMENT,
    "sort": {"enum": ["priority", "newest"]},
    "startsAt": MOMENT,
    "to": MOMENT,
    "until": MOMENT,
}
MEANINGS = {
    "by": "who does it",
    "cursor": "nextCursor of the page before, as it came",
    "limit": "how many at most",
    "since": "at or after this time",
    "priorities": "only these; all when absent",
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "retryAfterSeconds": {"type": "integer"},
        "sqlstate": {"type": "string"},
    },
}


def document(app: Flask, version: str) -> dict[str, Any]:
    """Return the description of an application's routes; its pages are not among them.

    Args:
        app: The application.
        version: Of the package.
    """
    paths: dict[str, Any] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if rule.rule.startswith(PREFIX):
            continue
        path = CONVERTER.sub(r"{\2}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            view = app.view_functions[rule.endpoint]
            paths.setdefault(path, {})[method.lower()] = _operation(
                f"{method} {path}", rule, inspect.getdoc(view) or ""
            )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Plumbline",
            "version": version,
            "description": "What a guarded database knows, and the switch of safe mode.",
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(name: str, rule: Rule, said: str) -> dict[str, Any]:
    status, kinds = ANSWERS.get(name, (HTTPStatus.OK, (JSON,)))
    parameters = [
        {"name": parameter, "in": "path", "required": True, "schema": _path_schema(converter)}
        for converter, parameter in CONVERTER.findall(rule.rule)
    ]
    parameters += [
        {"name": parameter, "in": "query", **_described(parameter)}
        for parameter in QUERIES.get(name, ())
    ]
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "tags": [rule.endpoint.partition(".")[0].replace("_", " ")],
        "summary": FIELDS_SAID.sub(".", " ".join(said.split())),
        "parameters": parameters,
        "responses": {
            str(int(status)): {
                "description": "The answer.",
                "content": {kind: _answer(name, kind) for kind in kinds},
            },
            "default": {
                "description": "A problem (RFC 9457): docs/http.md says what each type means.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if name == "GET /fleet":
        operation["responses"]["303"] = {"description": "For a browser: the page is elsewhere."}
    body = _body(name)
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _body(name: str) -> dict[str, Any]:
    if name in SIGNED:
        return {SIGNED[name]: {"schema": {"type": "object"}}}
    if name not in BODIES:
        return {}
    required, optional = BODIES[name]
    schema = {
        "type": "object",
        "required": list(required),
        "properties": {member: _described(member)["schema"] for member in (*required, *optional)},
        "additionalProperties": False,
    }
    return {JSON: {"schema": schema}}


def _described(name: str) -> dict[str, Any]:
    described: dict[str, Any] = {"schema": TYPES.get(name, TEXT)}
    if name in MEANINGS:
        described["description"] = MEANINGS[name]
    return described


def _path_schema(converter: str) -> dict[str, Any]:
    if converter == "int":
        return {"type": "integer", "minimum": 0, "maximum": 2**63 - 1}
    return {"type": "string", "minLength": 1}


def _answer(name: str, kind: str) -> dict[str, Any]:
    if kind != JSON:
        return {"schema": {"type": "string"}}
    if name not in examples():
        return {"schema": {"type": ["object", "array"]}}
    return {"schema": schema_of(examples()[name]), "example": examples()[name]}
