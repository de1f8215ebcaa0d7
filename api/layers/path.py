"""Gives every request the path of the route that will run, before any layer judges the request.

Authority, rate limits, safe mode and idempotency keys compare paths. A router accepts more than
one spelling of a path, so a request is routed here first, and its path becomes the route's own;
a path that no route takes is judged as it is, and nothing runs for it.
"""

import unicodedata
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

from ..problems import Problem
from .protocol import SAFE_METHODS, Application, Environ, StartResponse

# What a browser says of a request that the service's own page, or a person, has made.
OWN_SITES = frozenset({"same-origin", "none"})


class PathLayer:
    """Refuses what cannot be decoded or comes from a foreign web page; names the route's path.

    Args:
        app: The application behind it, which routes by the same map.
        url_map: The routes.
    """

    def __init__(self, app: Application, url_map: Map) -> None:
        self._app = app
        self._url_map = url_map

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Refuse the request or pass it on under its route's path."""
        try:
            environ["REQUEST_METHOD"] = environ["REQUEST_METHOD"].upper()
            path = _decoded_path(environ.get("PATH_INFO", ""))
            _refuse_undecodable_query(environ.get("QUERY_STRING", ""))
            _refuse_foreign_page(environ)
            environ["PATH_INFO"] = self._route_path(path, environ).encode().decode("latin-1")
        except Problem as problem:
            return problem.response()(environ, start_response)
        return self._app(environ, start_response)

    def _route_path(self, path: str, environ: Environ) -> str:
        # The router takes any number of slashes for the first one.
        if path.startswith("//"):
            raise Problem(HTTPStatus.NOT_FOUND, "", "no path here begins with two slashes")
        # Nothing here hangs below a prefix, and a header must not make one up.
        environ["SCRIPT_NAME"] = ""
        adapter = self._url_map.bind("localhost", path_info=path)
        try:
            endpoint, arguments = adapter.match(method=environ["REQUEST_METHOD"])
        except HTTPException:
            return path
        built = adapter.build(endpoint, arguments, method=environ["REQUEST_METHOD"])
        return unquote_to_bytes(built).decode()


def _decoded_path(path: str) -> str:
    # WSGI hands the bytes of a path over as latin-1.
    try:
        text = path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        raise _bad("the path is not UTF-8") from None
    if _has_control_character(text):
        raise _bad("the path contains a control character")
    if not text.startswith("/"):
        raise _bad("the path does not begin with a slash")
    return text


def _refuse_undecodable_query(query: str) -> None:
    try:
        unquote_to_bytes(query.encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise _bad("the query is not UTF-8") from None


def _refuse_foreign_page(environ: Environ) -> None:
    """Refuse a write that a browser makes for a page that is not ours.

    A browser adds Sec-Fetch-Site and Origin by itself, and no page can leave them out or forge
    them; what is no browser sends neither.
    """
    if environ["REQUEST_METHOD"] in SAFE_METHODS:
        return
    origin = environ.get("HTTP_ORIGIN")
    site = environ.get("HTTP_SEC_FETCH_SITE")
    is_own = origin is None or _authority(origin) == environ.get("HTTP_HOST", "").lower()
    if is_own and (site is None or site.strip().lower() in OWN_SITES):
        return
    raise Problem(
        HTTPStatus.FORBIDDEN,
        "cross-site",
        f"a web page of {origin or 'another site'} may not write here",
        hint="Send the request from a program, without the header Origin.",
    )


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _has_control_character(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def _bad(detail: str) -> Problem:
    return Problem(HTTPStatus.BAD_REQUEST, "bad-argument", detail)
