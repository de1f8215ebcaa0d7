"""What the layers say to each other: WSGI's own types, and the database's verdict on a request."""

from collections.abc import Callable, Iterable

Environ = dict
StartResponse = Callable
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# Answers what the layers must know about a request, in one call of the database.
Admit = Callable[[Environ], dict]

# RFC 9110: methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
KNOWN_METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
ADMISSION_KEY = "plumbline.admission"
# Where an application may leave a request's route pattern, such as /sales/<sale_id>.
ROUTE_KEY = "plumbline.route"


def admission(environ: Environ, admit: Admit) -> dict:
    """Return what the database says about a request, asking it once per request.

    Args:
        environ: The request.
        admit: Asks the database.
    """
    if ADMISSION_KEY not in environ:
        environ[ADMISSION_KEY] = admit(environ)
    return environ[ADMISSION_KEY]
