"""Who may write: whoever brings the token, or, without a token, whoever sits on this machine."""

import ipaddress

from flask import request

from .layer import ADMISSION_KEY, SAFE_METHODS
from .problems import Problem

FORBIDDEN = 403


def require_authority() -> None:
    """Refuse a write that nobody vouches for.

    Whether a token is needed, and is right, the request layer has decided before.

    Raises:
        Problem: 403 when no token was needed and the request was not addressed to a loopback
            name.
    """
    if request.method in SAFE_METHODS or request.environ[ADMISSION_KEY].get("scope"):
        return
    # A web page of a stranger can make a browser on this machine call here under the
    # stranger's name (DNS rebinding), and a proxy would let in the whole network.
    if not _is_loopback(request.host):
        raise Problem(
            FORBIDDEN,
            "token-not-set",
            f"writes addressed to {request.host} need a token, and none is set",
            hint="Start the service with API_TOKEN, make a token with `plumb token create`,"
            " or call it as 127.0.0.1 or localhost.",
        )


def _is_loopback(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
