"""Idempotency-Key for our own POSTs: a request sent twice is carried out once.

The protocol is the IETF's draft-ietf-httpapi-idempotency-key-header. Keys belong to a caller and
a path. Whatever the handler answered is replayed, success or error, but for a 503: that promises
that nothing was done and asks to be tried again, so the key is given back.
"""

import hashlib
import json
import logging
from http import HTTPStatus

import psycopg
from flask import current_app, g, request
from werkzeug.wrappers import Response

from ..core.explain import first_line
from .answers import database
from .database import DatabaseUnavailable
from .layers.protocol import ADMISSION_KEY
from .problems import Problem

HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
KEPT_HEADERS = ("Content-Type", "Retry-After", "Location")

log = logging.getLogger("plumbline.api")

REFUSALS = {
    "missing": ("idempotency-key-missing", "this request needs an Idempotency-Key"),
    "invalid": (
        "idempotency-key-invalid",
        "the Idempotency-Key is not 1 to 255 printable ASCII characters, quoted or not",
    ),
    "in_progress": (
        "idempotency-key-in-use",
        "a request with this Idempotency-Key is still being answered",
    ),
    "other_request": (
        "idempotency-key-reused",
        "this Idempotency-Key was used for another request",
    ),
}


def claim() -> Response | None:
    """Claim the key of a POST that has one, before it is handled.

    Returns:
        The stored answer when there is one.

    Raises:
        Problem: 400, 409 or 422, as the draft recommends.
    """
    header = request.headers.get(HEADER)
    is_required = request.path in current_app.config["PLUMBLINE"].idempotent_paths
    if request.method != "POST" or (header is None and not is_required):
        return None
    known = request.environ[ADMISSION_KEY]
    caller = known["actor"] if known["scope"] else known["client"]
    found = database().read(
        "claim_idempotency_key",
        p_scope=f"{caller} POST {request.path}",
        p_key=header or "",
        p_request_hash=_fingerprint(),
    )
    decision = found["decision"]
    if decision == "proceed":
        g.idempotency_claim_id = found["claimId"]
        return None
    if decision == "replay":
        headers = {**found["headers"], REPLAYED_HEADER: "true"}
        return Response(found["body"], found["status"], headers)
    kind, detail = REFUSALS[decision]
    raise Problem(
        found["status"],
        kind,
        detail,
        retry_after_seconds=found.get("retryAfterSeconds"),
        hint="Use a new key for each new request, such as a UUID.",
    )


def complete(response: Response) -> Response:
    """Store the answer of a claimed request, or give its key back.

    Args:
        response: What the handler answered.
    """
    claim_id = g.pop("idempotency_claim_id", None)
    if claim_id is None:
        return response
    try:
        if response.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            database().call("release_idempotency_key", p_claim_id=claim_id)
        else:
            kept = {n: response.headers[n] for n in KEPT_HEADERS if n in response.headers}
            database().call(
                "complete_idempotency_key",
                p_claim_id=claim_id,
                p_response_status=response.status_code,
                p_response_body=response.get_data(as_text=True),
                p_response_headers=json.dumps(kept),
            )
    except (DatabaseUnavailable, psycopg.Error) as error:
        # The work is done and its answer stands; the key frees itself after a while.
        log.warning("an answer was not stored: %s", first_line(error))
    return response


def _fingerprint() -> str:
    parts = (request.query_string, request.mimetype.encode(), request.get_data(cache=True))
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
