"""Silences and maintenance windows: which incidents send no alerts, and until when."""

from flask import Blueprint, Response

from ..answers import answer
from ..parameters import NUMBER, json_fields, moment, query_values

blueprint = Blueprint("silences", __name__)


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
