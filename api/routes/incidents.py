"""Routes about incidents and their evidence, and what operators do about them."""

from http import HTTPStatus

from flask import Blueprint, Response

from ..answers import answer, database, json_response
from ..parameters import NUMBER, integer, json_fields, moment, query_values, several
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


@blueprint.get(f"/incidents/<{NUMBER}:incident_id>")
def show_incident(incident_id: int) -> Response:
    """One incident with its timeline and forensic snapshot."""
    query_values()
    text = database().call("describe_incident_in_full", p_incident_id=incident_id)
    if text is None:
        raise Problem(HTTPStatus.NOT_FOUND, "unknown-name", f"there is no incident {incident_id}")
    return json_response(text)


@blueprint.post(f"/incidents/<{NUMBER}:incident_id>/acknowledge")
def acknowledge(incident_id: int) -> Response:
    """Take on an incident (by)."""
    return answer("acknowledge_incident", p_incident_id=incident_id, p_by=json_fields("by")["by"])


@blueprint.post(f"/incidents/<{NUMBER}:incident_id>/unacknowledge")
def unacknowledge(incident_id: int) -> Response:
    """Hand an incident back (by)."""
    return answer("unacknowledge_incident", p_incident_id=incident_id, p_by=json_fields("by")["by"])


@blueprint.post(f"/incidents/<{NUMBER}:incident_id>/close")
def close(incident_id: int) -> Response:
    """Close an incident (reason, by)."""
    fields = json_fields("reason", "by")
    return answer(
        "close_incident", p_incident_id=incident_id, p_reason=fields["reason"], p_by=fields["by"]
    )


@blueprint.post(f"/incidents/<{NUMBER}:incident_id>/escalate")
def escalate(incident_id: int) -> Response:
    """Escalate now: page a person (reason, by)."""
    fields = json_fields("reason", "by")
    return answer(
        "escalate_now", p_incident_id=incident_id, p_reason=fields["reason"], p_by=fields["by"]
    )


@blueprint.post(f"/incidents/<{NUMBER}:incident_id>/comments")
def comment(incident_id: int) -> Response:
    """Add to an incident's timeline (comment, by)."""
    fields = json_fields("comment", "by")
    return answer(
        "comment_incident",
        p_incident_id=incident_id,
        p_comment=fields["comment"],
        p_by=fields["by"],
    )


@blueprint.post(f"/incidents/<{NUMBER}:incident_id>/silence")
def silence_incident(incident_id: int) -> Response:
    """Keep one incident quiet (until, reason, by)."""
    fields = json_fields("until", "reason", "by")
    return answer(
        "silence_incident",
        p_incident_id=incident_id,
        p_until=moment(fields, "until", "field"),
        p_reason=fields["reason"],
        p_by=fields["by"],
    )
