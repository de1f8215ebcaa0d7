"""The route for applications that report their requests over HTTP, without SQL."""

import json

from flask import Blueprint, Response, request

from ..answers import database
from ..parameters import json_fields

blueprint = Blueprint("requests", __name__)

# As many rows as plumb.record_requests takes at once need more than any other body.
BODY_BYTES_MAX = 512 * 1024


@blueprint.post("/requests")
def record_requests() -> Response:
    """Record requests of an application (source, observations)."""
    request.max_content_length = BODY_BYTES_MAX
    fields = json_fields("source", "observations", documents=("observations",))
    count = database().call(
        "record_requests",
        p_source=fields["source"],
        p_observations=json.dumps(fields["observations"]),
    )
    return Response(f'{{"recorded": {count}}}\n', content_type="application/json")
