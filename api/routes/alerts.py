"""What operators do about incidents, and how the telling of them goes."""

from flask import Blueprint, Response

from ..answers import answer
from ..parameters import json_fields, moment, query_values

blueprint = Blueprint("alerts", __name__)

# The largest bigint: a larger number is nobody's.
NUMBER = "int(max=9223372036854775807)"


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
    """Call a person now (reason, by)."""
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


@blueprint.get("/silences")
def list_silences() -> Response:
    """Silences and maintenance windows in force or to come."""
    query_values()
    return answer("describe_silences")


@blueprint.post("/silences")
def silence() -> Response:
    """Keep quiet about what matches (source, scope, until, reason, by; priorities)."""
    fields = json_fields("source", "scope", "until", "reason", "by", several=("priorities",))
    return answer(
        "silence",
        p_source=fields["source"],
        p_scope=fields["scope"],
        p_priorities=fields.get("priorities"),
        p_until=moment(fields, "until", "field"),
        p_reason=fields["reason"],
        p_by=fields["by"],
    )


@blueprint.post("/maintenance-windows")
def plan_maintenance() -> Response:
    """Plan a quiet window (source, scope, startsAt, endsAt, reason, by)."""
    fields = json_fields("source", "scope", "startsAt", "endsAt", "reason", "by")
    return answer(
        "plan_maintenance",
        p_source=fields["source"],
        p_scope=fields["scope"],
        p_starts_at=moment(fields, "startsAt", "field"),
        p_ends_at=moment(fields, "endsAt", "field"),
        p_reason=fields["reason"],
        p_by=fields["by"],
    )


@blueprint.delete(f"/silences/<{NUMBER}:silence_id>")
def end_silence(silence_id: int) -> Response:
    """End a silence or maintenance window now (by)."""
    return answer("end_silence", p_silence_id=silence_id, p_by=json_fields("by")["by"])


@blueprint.get("/alerts/destinations")
def list_destinations() -> Response:
    """Each receiver: whether it is being told, and what waits for it."""
    query_values()
    return answer("describe_destinations")


@blueprint.get("/alerts/dead-letters")
def list_dead_letters() -> Response:
    """What was given up, oldest first, up to a hundred."""
    query_values()
    return answer("describe_dead_letters")


@blueprint.post(f"/alerts/dead-letters/<{NUMBER}:delivery_id>/resend")
def resend(delivery_id: int) -> Response:
    """Send a dead letter again (by)."""
    return answer("resend_delivery", p_delivery_id=delivery_id, p_by=json_fields("by")["by"])
