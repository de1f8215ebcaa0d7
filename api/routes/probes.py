"""The first address, and the probes of a supervisor: whether the service lives and is ready."""

import inspect
import json
import re
from http import HTTPStatus

from flask import Blueprint, Response, current_app, request

from ..answers import database
from ..pages.layer import wants_page
from ..pages.overview import show_overview
from ..pages.rendering import PREFIX
from ..parameters import query_values
from ..problems import DATABASE_RETRY_SECONDS, Problem

blueprint = Blueprint("probes", __name__)

# How a parameter is read is ours to know; its name is what matters to a caller.
CONVERTER = re.compile(r"<\w+(\([^)]*\))?:")


@blueprint.get("/")
def list_endpoints() -> Response:
    """This list; for a browser, the page that says whether the database is true."""
    query_values()
    if wants_page(request.environ):
        return show_overview()
    endpoints = [
        {
            "method": method,
            "path": CONVERTER.sub("<", rule.rule),
            "description": inspect.getdoc(current_app.view_functions[rule.endpoint]),
        }
        for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if not rule.rule.startswith(PREFIX)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}, reverse=True)
    ]
    body = {"service": "plumbline", "endpoints": endpoints}
    response = Response(json.dumps(body, indent=2) + "\n", content_type="application/json")
    response.headers["Vary"] = "Accept"
    return response


@blueprint.get("/healthz")
def show_liveness() -> Response:
    """Whether this process answers; it asks no database."""
    return Response('{"status": "alive"}\n', content_type="application/json")


@blueprint.get("/readyz")
def show_readiness() -> Response:
    """Whether the database is reachable, takes writes, and has the schema of this code."""
    expected = current_app.config["SCHEMA_REVISION"]
    found = database().read("describe_readiness", p_schema_revision=expected)
    if found["writeFault"]:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "database-not-writable",
            f"the database takes no writes: {found['writeFault']}",
            retry_after_seconds=DATABASE_RETRY_SECONDS,
            hint="Free space on its disk, or name the primary server in DATABASE_URL.",
        )
    if not found["ready"]:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "schema-not-current",
            f"the schema is at revision {found['appliedRevision']}, this code needs {expected}",
            retry_after_seconds=DATABASE_RETRY_SECONDS,
            hint="Run `plumb migrate` against this database, or start the newer code.",
        )
    body = {"status": "ready", "schemaRevision": expected}
    return Response(json.dumps(body) + "\n", content_type="application/json")
