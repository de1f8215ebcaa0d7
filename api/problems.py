"""Errors as application/problem+json (RFC 9457), and the one table from SQLSTATE to HTTP."""

import json
import logging
from http import HTTPStatus

import psycopg
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response

from ..core.explain import first_line
from .database import DatabaseUnavailable

MEDIA_TYPE = "application/problem+json"
# How long a client should leave a database alone that cannot be reached, in seconds.
DATABASE_RETRY_SECONDS = 2
# How long a client should wait before it tries a write again in safe mode, in seconds.
SAFE_MODE_RETRY_SECONDS = 30

log = logging.getLogger("plumbline.api")

# SQLSTATE, or its first characters, to HTTP status and problem type; the longest match wins.
# What is not listed is a mistake of ours: 500.
STATUS_BY_SQLSTATE = {
    "PL001": (HTTPStatus.NOT_FOUND, "unknown-name"),
    "PL002": (HTTPStatus.BAD_REQUEST, "bad-argument"),
    "PL003": (HTTPStatus.BAD_REQUEST, "bad-argument"),
    "PL004": (HTTPStatus.CONFLICT, "already-running"),
    "PL005": (HTTPStatus.CONFLICT, "wrong-state"),
    "PL008": (HTTPStatus.UNAUTHORIZED, "wrong-signature"),
    "08": (HTTPStatus.SERVICE_UNAVAILABLE, "database-unavailable"),
    "25006": (HTTPStatus.SERVICE_UNAVAILABLE, "safe-mode"),
    "28": (HTTPStatus.SERVICE_UNAVAILABLE, "database-unavailable"),
    "3D000": (HTTPStatus.SERVICE_UNAVAILABLE, "database-unavailable"),
    "3F000": (HTTPStatus.SERVICE_UNAVAILABLE, "schema-not-current"),
    "40": (HTTPStatus.SERVICE_UNAVAILABLE, "try-again"),
    "42501": (HTTPStatus.SERVICE_UNAVAILABLE, "database-rights"),
    "42883": (HTTPStatus.SERVICE_UNAVAILABLE, "schema-not-current"),
    "42P01": (HTTPStatus.SERVICE_UNAVAILABLE, "schema-not-current"),
    "53": (HTTPStatus.SERVICE_UNAVAILABLE, "database-unavailable"),
    "55P03": (HTTPStatus.SERVICE_UNAVAILABLE, "try-again"),
    "57": (HTTPStatus.SERVICE_UNAVAILABLE, "database-unavailable"),
    "57014": (HTTPStatus.SERVICE_UNAVAILABLE, "database-too-slow"),
}


class Problem(Exception):
    """An answer that is not what was asked for.

    Args:
        status: HTTP status.
        kind: Last part of the problem's type URN; empty when the status says it all.
        detail: What was wrong with which value.
        retry_after_seconds: Sent as Retry-After when given.
        **members: More members of the JSON object.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        retry_after_seconds: int | None = None,
        **members: object,
    ) -> None:
        """Keep what the response will say."""
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.members = {name: value for name, value in members.items() if value}
        self.headers = {"Cache-Control": "no-store"}
        if retry_after_seconds is not None:
            self.headers["Retry-After"] = str(retry_after_seconds)
            self.members["retryAfterSeconds"] = retry_after_seconds

    def response(self) -> Response:
        """Return the problem as a response, which is a WSGI application too."""
        body = {
            "type": f"urn:plumbline:problem:{self.kind}" if self.kind else "about:blank",
            "title": HTTP_STATUS_CODES.get(self.status, "Error"),
            "status": self.status,
            "detail": self.detail,
        } | self.members
        text = json.dumps(body, ensure_ascii=False) + "\n"
        return Response(text, self.status, self.headers, content_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Problem:
    """Translate any exception into the problem that a client may see.

    Args:
        error: What was raised while a request was answered.

    Returns:
        The problem; 500 without inner details for an unexpected error, which is logged.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        return _problem_of_http(error)
    if isinstance(error, DatabaseUnavailable):
        return Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "database-unavailable",
            f"the database cannot be reached: {error}",
            retry_after_seconds=DATABASE_RETRY_SECONDS,
        )
    if isinstance(error, psycopg.Error):
        return _problem_of_database(error)
    log.error("unforeseen error", exc_info=error)
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "", "the service made a mistake; its log says which"
    )


def _problem_of_http(error: HTTPException) -> Problem:
    problem = Problem(
        error.code or HTTPStatus.INTERNAL_SERVER_ERROR, "", error.description or error.name
    )
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            problem.headers[name] = value
    return problem


def _problem_of_database(error: psycopg.Error) -> Problem:
    sqlstate = error.sqlstate
    if sqlstate is None:
        # libpq reports a connection that broke without a state.
        if not isinstance(error, psycopg.OperationalError):
            log.error("unforeseen database error", exc_info=error)
            return Problem(
                HTTPStatus.INTERNAL_SERVER_ERROR,
                "",
                "the service made a mistake; its log says which",
            )
        sqlstate = "08006"
    known = [length for length in (5, 2) if sqlstate[:length] in STATUS_BY_SQLSTATE]
    if not known:
        log.error("unforeseen database error %s", sqlstate, exc_info=error)
        return Problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "",
            "the database refused; the service's log says why",
            sqlstate=sqlstate,
        )
    status, kind = STATUS_BY_SQLSTATE[sqlstate[: known[0]]]
    detail = error.diag.message_primary or first_line(error)
    hint = error.diag.message_hint
    if kind == "schema-not-current":
        hint = "Run `plumb migrate` against this database."
    retry = {"safe-mode": SAFE_MODE_RETRY_SECONDS}.get(kind, DATABASE_RETRY_SECONDS)
    return Problem(
        status,
        kind,
        detail,
        retry_after_seconds=retry if status == HTTPStatus.SERVICE_UNAVAILABLE else None,
        hint=hint,
        sqlstate=sqlstate,
    )


def register(app: Flask) -> None:
    """Answer every exception of an application with a problem.

    Args:
        app: The application.
    """
    app.register_error_handler(Exception, lambda error: problem_of(error).response())
