"""The route that says whether a deployment may proceed, for pipelines without psql."""

from flask import Blueprint, Response

from ..answers import answer
from ..parameters import number, query_values

blueprint = Blueprint("gates", __name__)


@blueprint.get("/gates/<path:deployment>")
def show_gates(deployment: str) -> Response:
    """The gates as they stand now (coverage)."""
    values = query_values("coverage")
    return answer("describe_gates", p_deployment=deployment, p_coverage=number(values, "coverage"))
