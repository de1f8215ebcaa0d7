"""What is wrong, what was, and the evidence."""

from flask import Blueprint, Response

from ..answers import answer, database
from ..parameters import integer, moment, query_values, several
from ..problems import Problem

blueprint = Blueprint("incidents", __name__)


@blueprint.get("/incidents")
def list_incidents() -> Response:
    """Open incidents by priority (status, priority, source, since, sort, limit, cursor)."""
    values = query_values("status", "priority", "source", "since", "sort", "limit", "cursor")
    return answer(
        "describe_incidents",
        p_statuses=several(values, "status"),
        p_priorities=several(values, "priority"),
        p_source=values.get("source"),
        p_since=moment(values, "since"),
        p_sort=values.get("sort"),
        p_limit=integer(values, "limit"),
        p_cursor=values.get("cursor"),
    )


# The largest bigint: a larger number is no incident's.
@blueprint.get("/incidents/<int(max=9223372036854775807):incident_id>")
def show_incident(incident_id: int) -> Response:
    """One incident with its timeline and forensic snapshot."""
    query_values()
    text = database().call("describe_incident_in_full", p_incident_id=incident_id)
    if text is None:
        raise Problem(404, "unknown-name", f"there is no incident {incident_id}")
    return Response(text + "\n", content_type="application/json")
