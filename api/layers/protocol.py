"""Types that the layers share: WSGI's own, and the database's verdict on a request."""

from collections.abc import Callable
from types import TracebackType
from typing import Any, TypedDict
from wsgiref import types

Environ = dict[str, Any]
StartResponse = types.StartResponse
Application = types.WSGIApplication
OptExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]

# RFC 9110: methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
KNOWN_METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
ADMISSION_KEY = "plumbline.admission"
# Where an application may leave a request's route pattern, such as /sales/<sale_id>.
ROUTE_KEY = "plumbline.route"
# The path under which a request is judged, and a token's hash that came by another way than the
# header Authorization; a layer in front may set them.
JUDGED_PATH_KEY = "plumbline.judged_path"
TOKEN_HASH_KEY = "plumbline.token_hash"
# The name of the person that a request gave, once it was read.
NAMED_KEY = "plumbline.named"


class Admission(TypedDict):
    """What plumb.admit_request() says about one request.

    The last six are null where no limit applies, or where the call is not recorded.
    """

    # admit, safe_mode, blocked, rate_limited, token_required, invalid_token or scope_too_small.
    decision: str
    # The HTTP status and the sentence of a refusal.
    status: int
    reason: str
    retryAfterSeconds: int | None
    safeMode: bool
    # What the setting security_fails_open says.
    failsOpen: bool
    # The client's address as it is counted and blocked, and the database's time in seconds.
    client: str
    now: float
    # The token's name and scope; null without a token.
    actor: str | None
    scope: str | None
    routeClass: str | None
    requestsMax: int | None
    windowSeconds: int | None
    remaining: int | None
    # The row of plumb.api_calls that waits for the answer's status.
    apiCallId: int | None


class Recount(TypedDict, total=False):
    """What counting a request elsewhere than in plumb.admit_request() changes of its verdict."""

    decision: str
    status: int
    reason: str
    retryAfterSeconds: int | None
    remaining: int | None


# Asks the database about a request, in one call.
Admit = Callable[[Environ], Admission]


def admit_once(environ: Environ, admit: Admit) -> Admission:
    """Return what the database says about a request, asking it once per request.

    Args:
        environ: The request.
        admit: Asks the database.
    """
    if ADMISSION_KEY not in environ:
        environ[ADMISSION_KEY] = admit(environ)
    admission: Admission = environ[ADMISSION_KEY]
    return admission
