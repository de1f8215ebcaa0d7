"""Routes about destinations of alerts, and about dead letters."""

from flask import Blueprint, Response

from ..answers import answer
from ..parameters import NUMBER, json_fields, query_values

blueprint = Blueprint("alerts", __name__)


@blueprint.get("/alerts/destinations")
def list_destinations() -> Response:
    """Each destination: whether it can be reached, and what waits for it."""
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
