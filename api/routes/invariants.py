"""The route about the invariants and the drift score."""

from flask import Blueprint, Response

from ..answers import answer
from ..parameters import integer, query_values

blueprint = Blueprint("invariants", __name__)


@blueprint.get("/invariants/status")
def show_invariants() -> Response:
    """Drift score, each invariant's status and recent violations (limit)."""
    values = query_values("limit")
    return answer("describe_invariants", p_violations_max=integer(values, "limit"))
