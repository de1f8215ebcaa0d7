"""What the service offers: for programs as OpenAPI, for people as a page."""

import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Blueprint, Flask, Response, current_app

from ..openapi import document
from ..pages.rendering import page
from ..parameters import query_values

blueprint = Blueprint("docs", __name__)


@blueprint.get("/openapi.json")
def show_openapi() -> Response:
    """The description of every route in OpenAPI 3.1."""
    query_values()
    return Response(json.dumps(_document()) + "\n", content_type="application/json")


@blueprint.get("/docs")
def show_docs() -> Response:
    """The same as a page."""
    query_values()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in _document()["paths"].items():
        for method, operation in operations.items():
            shown = operation | {"method": method.upper(), "path": path}
            groups.setdefault(operation["tags"][0], []).append(shown)
    return page("docs.html", path="/docs", groups=groups)


def _document() -> dict[str, Any]:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return _documented(app)


@cache
def _documented(app: Flask) -> dict[str, Any]:
    try:
        found = version("plumbline")
    except PackageNotFoundError:
        found = "0"
    return document(app, found)
