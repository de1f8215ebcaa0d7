"""Who may write: whoever brings the token, or, without a token, whoever sits on this machine."""

import hmac
import ipaddress

from flask import current_app, request
from plumbline.api.layer import SAFE_METHODS
from plumbline.api.problems import Problem

FORBIDDEN, UNAUTHORIZED = 403, 401


def require_authority() -> None:
    """Refuse a write that nobody vouches for.

    Raises:
        Problem: 401 without the right token; 403 when no token is set and the request was not
            addressed to a loopback name.
    """
    if request.method in SAFE_METHODS:
        return
    token = current_app.config["PLUMBLINE"].api_token
    if token:
        scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(
            given.strip().encode("latin-1", "replace"), token.encode()
        ):
            return
        problem = Problem(
            UNAUTHORIZED,
            "token-required",
            "writes need the token that API_TOKEN holds",
            hint="Send the header Authorization: Bearer <token>.",
        )
        problem.headers["WWW-Authenticate"] = 'Bearer realm="plumbline"'
        raise problem
    # A web page of a stranger can make a browser on this machine call here under the
    # stranger's name (DNS rebinding), and a proxy would let in the whole network.
    if not _is_loopback(request.host):
        raise Problem(
            FORBIDDEN,
            "token-not-set",
            f"writes addressed to {request.host} need a token, and none is set",
            hint="Start the service with API_TOKEN, or call it as 127.0.0.1 or localhost.",
        )


def _is_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
