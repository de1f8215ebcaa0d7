"""Checks who may ask: the bearer of a token, or, without one, a person on this machine."""

import ipaddress
from http import HTTPStatus

from flask import current_app, request

from .layers.protocol import ADMISSION_KEY, SAFE_METHODS
from .problems import Problem

# They answer nothing that is worth reading, and a supervisor may call them under any name.
OPEN_PATHS = frozenset({"/healthz", "/readyz"})
JSON = "application/json"
# Services sign what they send, and are served under any name; Slack sends a form.
# They show what was in rows, so they are for those who may act.
GUARDED_READS = frozenset({"/view/records"})
SIGNED_ROUTES = {
    "/webhooks/pagerduty": JSON,
    "/webhooks/slack": "application/x-www-form-urlencoded",
}


def require_authority() -> None:
    """Refuse a request without a token that was not addressed to this machine by its own name.

    Whether a token is needed, and is right, the request layer has decided before.

    Raises:
        Problem: 403 when the request has no token and names a host that is not loopback and,
            for reading, not among TRUSTED_HOSTS.
    """
    if request.environ.get(ADMISSION_KEY, {}).get("scope") or request.path in SIGNED_ROUTES:
        return
    # A web page of a stranger can make a browser on this machine call here under the
    # stranger's name (DNS rebinding), and a proxy would let in the whole network.
    name = _host_name(request.environ.get("HTTP_HOST", "") or "localhost")
    if _is_loopback(name):
        return
    if request.method not in SAFE_METHODS or request.path in GUARDED_READS:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "token-not-set",
            f"writes addressed to {name} need a token, and none is set",
            hint="Start the service with API_TOKEN, make a token with `plumb token create`,"
            " or call it as 127.0.0.1 or localhost.",
        )
    config = current_app.config["PLUMBLINE"]
    is_reachable = config.api_token and not _is_loopback(config.host)
    is_badge = config.has_public_badge and request.path == "/badge.svg"
    if is_reachable or is_badge or name in config.trusted_hosts or request.path in OPEN_PATHS:
        return
    raise Problem(
        HTTPStatus.FORBIDDEN,
        "host-not-trusted",
        f"{name} is not a name under which this service may be read without a token",
        hint="Call it as 127.0.0.1 or localhost, send a token, or list the name in TRUSTED_HOSTS.",
    )


def require_json() -> None:
    """Refuse a write that does not declare JSON, which a form of a web page cannot do.

    Raises:
        Problem: 415 when a route that writes is called with another content type or with none.
    """
    wanted = SIGNED_ROUTES.get(request.path, JSON)
    # Forms of the pages are held to more: see pages/forms.py.
    if request.method in SAFE_METHODS or request.path.startswith("/view/"):
        return
    if request.url_rule is None or request.mimetype == wanted:
        return
    raise Problem(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "",
        f"the body is {request.mimetype or 'of no stated type'}, not {wanted}",
        hint=f"Send the header Content-Type: {wanted}.",
    )


def _host_name(host: str) -> str:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return name.lower()


def _is_loopback(name: str) -> bool:
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
