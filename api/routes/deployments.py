"""Routes about deployments: what was released, whether it was kept, and why."""

from http import HTTPStatus

from flask import Blueprint, Response

from ..answers import answer, database
from ..parameters import integer, query_values, several
from ..problems import Problem

blueprint = Blueprint("deployments", __name__)


@blueprint.get("/deployments")
def list_deployments() -> Response:
    """Deployments, newest first (name, status, limit, cursor)."""
    values = query_values("name", "status", "limit", "cursor")
    return answer(
        "describe_deployments",
        p_name=values.get("name"),
        p_statuses=several(values, "status"),
        p_limit=integer(values, "limit"),
        p_cursor=values.get("cursor"),
    )


@blueprint.get("/deployments/<path:deployment>")
def show_deployment(deployment: str) -> Response:
    """One deployment by number or name: gates, baseline, events, samples."""
    query_values()
    # PostgreSQL takes no NUL, and what is no name names nothing.
    if not deployment.isprintable():
        raise Problem(HTTPStatus.NOT_FOUND, "unknown-name", "there is no such deployment")
    text = database().call("describe_deployment_in_full", p_deployment=deployment)
    if text is None:
        raise Problem(
            HTTPStatus.NOT_FOUND, "unknown-name", f"there is no deployment {deployment[:200]!r}"
        )
    return Response(text + "\n", content_type="application/json")
