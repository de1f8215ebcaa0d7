"""Shows a browser errors as a page, where a program gets problem+json.

During an outage it also shows what was known last, and how old that is. It is the outermost
layer, for refusals come from every layer behind it.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header
from werkzeug.wrappers import Response

from ..layers.protocol import Application, Environ, OptExcInfo, StartResponse
from ..problems import MEDIA_TYPE
from .rendering import HEADERS, HTML, PREFIX, render, span
from .sessions import Sessions

# A call of some milliseconds in each process.
KNOWN_AGE_MAX = timedelta(minutes=1)
KINDS = ("application/json", "text/html")
# Headers of a problem that say the same of its page.
KEPT = frozenset({"retry-after", "allow", "ratelimit", "ratelimit-policy"})


def wants_page(environ: Environ) -> bool:
    """Return whether a browser asks for a page: for HTML before anything else."""
    path = environ.get("PATH_INFO", "")
    if path != "/" and not path.startswith((PREFIX, "/runbooks/")):
        return False
    return wants_html(environ)


def wants_html(environ: Environ) -> bool:
    """Return whether the client asks for HTML before anything else, as browsers do."""
    accepted = parse_accept_header(environ.get("HTTP_ACCEPT", ""), MIMEAccept)
    return accepted.best_match(KINDS) == "text/html"


class LastKnown:
    """What the overview said last in this process, for the time when nobody answers.

    It is renewed while nobody looks at the page: during an outage the first look is too late.
    """

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}
        self._seen_at = datetime.min.replace(tzinfo=UTC)

    def keep(self, found: dict[str, Any]) -> None:
        """Remember what plumb.describe_overview_page() returned just now."""
        self._found, self._seen_at = found, datetime.now(UTC)

    def renew(self, read: Callable[[], dict[str, Any]]) -> None:
        """Ask again when what is known is old.

        Args:
            read: Returns what plumb.describe_overview_page() says now.
        """
        if datetime.now(UTC) - self._seen_at > KNOWN_AGE_MAX:
            self.keep(read())

    def shown(self) -> dict[str, Any] | None:
        """Return what was known with its age in words; None when nothing was."""
        if not self._found:
            return None
        age = (datetime.now(UTC) - self._seen_at).total_seconds()
        return {**self._found, "age": span(age)}


class ProblemPages:
    """Answers a browser with a page where the application answers with a problem.

    Args:
        app: The application behind it.
        last_known: What to show when the database does not answer.
        sessions: Begins a new session for who has to sign in.
    """

    def __init__(self, app: Application, last_known: LastKnown, sessions: Sessions) -> None:
        self._app = app
        self._last_known = last_known
        self._sessions = sessions

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on; turn a problem into a page."""
        if environ["REQUEST_METHOD"] == "HEAD" or not wants_page(environ):
            return self._app(environ, start_response)
        started: dict[str, Any] = {}

        def remember(
            status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            kinds = [value for name, value in headers if name.lower() == "content-type"]
            if kinds and parse_options_header(kinds[0])[0] == MEDIA_TYPE:
                started.update(status=int(status[:3]), headers=headers)
                return lambda _chunk: None
            return start_response(status, headers, exc_info)

        body = self._app(environ, remember)
        if not started:
            return body
        try:
            problem = json.loads(b"".join(body))
        finally:
            close = getattr(body, "close", None)
            if close:
                close()
        if started["status"] == HTTPStatus.UNAUTHORIZED:
            answer = self._door(problem, environ)
        else:
            answer = self._page(problem, started["status"], started["headers"])
        return answer(environ, start_response)

    def _door(self, problem: dict[str, Any], environ: Environ) -> Response:
        """Ask for a token; the session whose token is no longer right ends."""
        session = self._sessions.begin()
        text = render(
            "sign_in.html",
            place=environ["PATH_INFO"] if environ["REQUEST_METHOD"] == "GET" else "/",
            fault=problem["detail"],
            visitor={"form_token": self._sessions.form_token(session), "name": "", "scope": ""},
        )
        response = Response(text, HTTPStatus.UNAUTHORIZED, HEADERS, content_type=HTML)
        response.headers.add("Set-Cookie", self._sessions.cookie(session, environ))
        return response

    def _page(
        self, problem: dict[str, Any], status: int, headers: list[tuple[str, str]]
    ) -> Response:
        is_outage = status == HTTPStatus.SERVICE_UNAVAILABLE
        text = render(
            "outage.html" if is_outage else "problem.html",
            problem=problem,
            last_known=self._last_known.shown() if is_outage else None,
        )
        response = Response(text, status, HEADERS, content_type=HTML)
        for name, value in headers:
            if name.lower() in KEPT:
                response.headers[name] = value
        return response
