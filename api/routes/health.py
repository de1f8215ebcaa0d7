"""The route about the health score."""

from flask import Blueprint, Response

from ..answers import answer
from ..parameters import query_values

blueprint = Blueprint("health", __name__)


@blueprint.get("/system-health")
def show_health() -> Response:
    """Full health report: score 0 to 100, grade, safe mode, components, scheduler."""
    query_values()
    return answer("describe_health")
