"""Routes of the pages' forms: each makes the call that the service's own route makes."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import psycopg
from flask import Blueprint, Response, request

from ..answers import database
from ..database import DatabaseUnavailable
from ..pages.forms import actor, done, form_fields, own_place
from ..parameters import NUMBER
from ..problems import Problem
from .system_mode import disengage

blueprint = Blueprint("page_actions", __name__, url_prefix="/view")

INCIDENT = f"/incidents/<{NUMBER}:incident_id>"
# How long an incident may be silenced from its page, in hours.
SILENCE_HOURS = ("1", "4", "24", "168")


@blueprint.post(f"{INCIDENT}/acknowledge")
def acknowledge(incident_id: int) -> Response:
    """Take on an incident (by)."""
    return _act("acknowledge_incident", incident_id)


@blueprint.post(f"{INCIDENT}/unacknowledge")
def unacknowledge(incident_id: int) -> Response:
    """Hand an incident back (by)."""
    return _act("unacknowledge_incident", incident_id)


@blueprint.post(f"{INCIDENT}/comments")
def comment(incident_id: int) -> Response:
    """Add to the timeline (comment; by)."""
    return _act("comment_incident", incident_id, p_comment=form_fields("comment")["comment"])


@blueprint.post(f"{INCIDENT}/close")
def close(incident_id: int) -> Response:
    """Close an incident (reason; by)."""
    return _act("close_incident", incident_id, p_reason=form_fields("reason")["reason"])


@blueprint.post(f"{INCIDENT}/escalate")
def escalate(incident_id: int) -> Response:
    """Page a person now (reason; by)."""
    return _act("escalate_now", incident_id, p_reason=form_fields("reason")["reason"])


@blueprint.post(f"{INCIDENT}/silence")
def silence(incident_id: int) -> Response:
    """Keep one incident quiet (hours, reason; by)."""
    fields = form_fields("hours", "reason")
    if fields["hours"] not in SILENCE_HOURS:
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "bad-argument",
            f"field hours is {fields['hours']!r}",
            hint=f"It is one of {', '.join(SILENCE_HOURS)}.",
        )
    until = datetime.now(UTC) + timedelta(hours=int(fields["hours"]))
    return _act("silence_incident", incident_id, p_until=until, p_reason=fields["reason"])


@blueprint.post("/invariants/check")
def check() -> Response:
    """Check every invariant now, and score health."""
    database().call("check_invariants", p_mode="deep")
    database().call("score_health")
    return done(own_place(request.form.get("to", "")))


@blueprint.post("/system-mode/safe")
def engage() -> Response:
    """Engage safe mode (reason; by)."""
    reason = form_fields("reason")["reason"]
    database().call("engage_safe_mode", p_reason=reason, p_enabled_by=actor())
    return done("/")


@blueprint.post("/system-mode/normal")
def disengage_safe_mode() -> Response:
    """End safe mode (override_token; by)."""
    disengage(form_fields("override_token")["override_token"], actor())
    with suppress(DatabaseUnavailable, psycopg.Error):
        database().call("score_health")
    return done("/")


@blueprint.post("/settings/<name>")
def change_setting(name: str) -> Response:
    """Change a setting, or give it its default again (value, reason; reset, by)."""
    fields = form_fields("reason", optional=("value", "reset"))
    value = None if "reset" in fields else fields.get("value", "")
    database().call(
        "request_setting", p_name=name, p_value=value, p_reason=fields["reason"], p_by=actor()
    )
    return done(f"/view/settings/{name}")


def _act(function: str, incident_id: int, **arguments: object) -> Response:
    database().call(function, p_incident_id=incident_id, p_by=actor(), **arguments)
    return done(f"/view/incidents/{incident_id}")
