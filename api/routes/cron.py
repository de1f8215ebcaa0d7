"""The route about the background jobs."""

from flask import Blueprint, Response

from ..answers import answer
from ..parameters import query_values

blueprint = Blueprint("cron", __name__)


@blueprint.get("/cron/status")
def show_jobs() -> Response:
    """Every background job with its last and next run, and whether anything runs them."""
    query_values()
    return answer("describe_jobs")
