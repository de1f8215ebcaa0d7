"""The security layer: blocks, rate limits and tokens, decided by the database in one call.

`Gate` asks, `SecurityLayer` acts. What one call cannot know, because it happens later, is reported
afterwards, when the client has its answer: how a recorded call ended, and that the application
itself answered 401 or 403.
"""

import hashlib
import hmac
import logging
import re
import unicodedata
from collections.abc import Callable, Iterable
from http import HTTPStatus

import psycopg
from werkzeug.wsgi import ClosingIterator

from ...core.config import Network
from ...core.explain import first_line
from ..database import Database, DatabaseUnavailable
from ..problems import Problem, problem_of
from .client import client_of
from .protocol import (
    JUDGED_PATH_KEY,
    NAMED_KEY,
    TOKEN_HASH_KEY,
    Admission,
    Admit,
    Application,
    Environ,
    OptExcInfo,
    Recount,
    StartResponse,
)
from .redis_limits import LimiterUnavailable, RedisLimiter

log = logging.getLogger("plumbline.api")

ROUTE_LENGTH_MAX = 500
REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
UNCOUNTED = ("safe_mode", "blocked")
AWAY = (DatabaseUnavailable, psycopg.Error)


class Gate:
    """Asks the database about requests.

    Args:
        database: Where the answer is admission.
        source: The application's name.
        token_rule: `ignore` when the application has tokens of its own, `auto` when writes need
            a token as soon as one exists that may write, `required` when they always do.
        api_token: A token of scope admin that no table knows; empty for none.
        open_paths: Paths whose writes pass in safe mode.
        trusted_proxies: Networks of proxies whose X-Forwarded-For counts.
        limiter: Counts in place of PostgreSQL.
    """

    def __init__(
        self,
        database: Database,
        source: str,
        *,
        token_rule: str = "ignore",
        api_token: str = "",
        open_paths: frozenset[str] = frozenset(),
        trusted_proxies: Iterable[Network] = (),
        limiter: RedisLimiter | None = None,
    ) -> None:
        """Keep the parameters; ask nothing."""
        self._database = database
        self._source = source
        self._token_rule = token_rule
        # As it comes in a header, where bytes are latin-1.
        token = api_token.encode()
        self._api_token_hash = hashlib.sha256(token).hexdigest() if token else ""
        self._open_paths = open_paths
        self._trusted_proxies = tuple(trusted_proxies)
        self._limiter = limiter
        self._is_degraded = False
        self._unchecked_count = 0
        # What the setting security_fails_open said when it could last be read.
        self.fails_open = False

    def admit(self, environ: Environ) -> Admission:
        """Return what the database decides about a request.

        Args:
            environ: The WSGI environment.

        Raises:
            DatabaseUnavailable: The database did not answer.
            psycopg.Error: As above.
        """
        path = environ.get("PATH_INFO", "")
        judged = environ.get(JUDGED_PATH_KEY) or path
        scope, token_hash = self._authority(environ)
        limiter = None if self._limiter is None or self._limiter.is_paused else self._limiter
        admission: Admission = self._database.read(
            "admit_request",
            p_client=client_of(environ, self._trusted_proxies),
            p_method=environ["REQUEST_METHOD"].upper(),
            # Routers merge slashes, and a spelling must not lead to another class of limits.
            p_route=_printable(re.sub("//+", "/", judged)),
            p_token_hash=token_hash,
            p_scope=scope,
            p_source=self._source,
            p_token_rule=self._token_rule,
            p_is_open=path in self._open_paths,
            p_is_counted=limiter is None,
        )
        self.fails_open = admission["failsOpen"]
        self._own_up()
        if limiter is not None and admission["decision"] not in UNCOUNTED:
            admission = {**admission, **self._count(limiter, admission)}
        return admission

    def let_pass(self, error: Exception) -> None:
        """Note that a request passes unjudged.

        Args:
            error: Why it could not be judged.
        """
        self._unchecked_count += 1
        log.warning("a request passes unchecked: %s", first_line(error))

    def report(self, function: str, **arguments: object) -> None:
        """Call a function whose failure must not spoil an answer already given."""
        try:
            self._database.call(function, **arguments)
        except AWAY as error:
            log.warning("%s was not called: %s", function, first_line(error))

    def _own_up(self) -> None:
        count, self._unchecked_count = self._unchecked_count, 0
        if count:
            self.report("report_unchecked_requests", p_source=self._source, p_request_count=count)

    def _authority(self, environ: Environ) -> tuple[str | None, str | None]:
        """Return the scope that a token has by itself, or the hash to look it up by."""
        if self._token_rule == "ignore":
            return None, None
        scheme, _space, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            return self._scope_of(environ.get(TOKEN_HASH_KEY))
        return self._scope_of(hashlib.sha256(token.encode("latin-1", "replace")).hexdigest())

    def _scope_of(self, token_hash: str | None) -> tuple[str | None, str | None]:
        own = self._api_token_hash
        if token_hash and own and hmac.compare_digest(token_hash.encode(), own.encode()):
            return "admin", None
        return None, token_hash

    def _count(self, limiter: RedisLimiter, admission: Admission) -> Recount:
        client, route_class = admission["client"], admission["routeClass"]
        requests_max, window_seconds = admission["requestsMax"], admission["windowSeconds"]
        if route_class is None or not requests_max or window_seconds is None:
            return {}
        try:
            count = limiter.count(
                client, route_class, requests_max, window_seconds, admission["now"]
            )
        except LimiterUnavailable as error:
            self._is_degraded = True
            log.warning("Redis is away, PostgreSQL counts requests: %s", error)
            self.report(
                "report_limiter", p_source=self._source, p_is_degraded=True, p_reason=str(error)
            )
            found = self._database.read(
                "recount_request", p_client=client, p_route_class=route_class
            )
            recount: Recount = {"remaining": found["remaining"]}
            if not found["isAdmitted"]:
                recount |= _refusal(admission, found["retryAfterSeconds"])
            return recount
        if self._is_degraded:
            self._is_degraded = False
            log.warning("Redis is back and counts requests")
            self.report("report_limiter", p_source=self._source, p_is_degraded=False)
        # The database hears of the first refusal, and now and then of a client that goes on.
        if count.refused_count == 1 or (count.refused_count and count.refused_count % 50 == 0):
            self.report(
                "report_rate_limited",
                p_client=client,
                p_route_class=route_class,
                p_refused_count=count.refused_count,
            )
        recount = {"remaining": count.remaining}
        if not count.is_admitted:
            recount |= _refusal(admission, count.retry_after_seconds)
        return recount


class SecurityLayer:
    """Refuses what the database refuses, and reports to it what the application refused.

    Args:
        app: The application behind it.
        admit: Returns what `Gate.admit` does, asking once per request.
        gate: What judges and records requests.
        exempt_paths: Paths that are never refused, such as probes.
    """

    def __init__(
        self,
        app: Application,
        admit: Admit,
        gate: Gate,
        exempt_paths: frozenset[str] = frozenset(),
    ) -> None:
        self._app = app
        self._admit = admit
        self._gate = gate
        self._exempt_paths = exempt_paths

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Refuse the request or pass it on."""
        if environ.get("PATH_INFO") in self._exempt_paths:
            return self._app(environ, start_response)
        try:
            admission = self._admit(environ)
        except Exception as error:  # whatever failed, it is unknown whether this may pass
            if not self._gate.fails_open or not isinstance(error, AWAY):
                return problem_of(error).response()(environ, start_response)
            self._gate.let_pass(error)
            return self._app(environ, start_response)
        if admission["decision"] != "admit":
            if admission["decision"] == "rate_limited" and admission["apiCallId"]:
                self._finish(environ, admission, admission["status"])
            return _problem(admission).response()(environ, start_response)
        return self._pass_on(environ, start_response, admission)

    def _pass_on(
        self, environ: Environ, start_response: StartResponse, admission: Admission
    ) -> Iterable[bytes]:
        answered = {"status": int(HTTPStatus.INTERNAL_SERVER_ERROR)}

        def remember(
            status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            answered["status"] = int(status[:3])
            return start_response(status, [*headers, *limit_headers(admission)], exc_info)

        def finish() -> None:
            if admission["apiCallId"]:
                self._finish(environ, admission, answered["status"])
            if answered["status"] in REFUSALS:
                self._gate.report(
                    "report_refused_request",
                    p_client=admission["client"],
                    p_status=answered["status"],
                    p_actor=admission["actor"] or "",
                )

        try:
            body = self._app(environ, remember)
        except BaseException:
            finish()
            raise
        return ClosingIterator(body, [finish])

    def _finish(self, environ: Environ, admission: Admission, status: int) -> None:
        self._gate.report(
            "finish_call",
            p_api_call_id=admission["apiCallId"],
            p_status=status,
            p_named=environ.get(NAMED_KEY),
        )


def limit_headers(admission: Admission) -> list[tuple[str, str]]:
    """Return RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10).

    Args:
        admission: What the database decided.
    """
    if admission["remaining"] is None:
        return []
    name, window = admission["routeClass"], admission["windowSeconds"]
    return [
        ("RateLimit-Policy", f'"{name}";q={admission["requestsMax"]};w={window}'),
        (
            "RateLimit",
            f'"{name}";r={admission["remaining"]};t={admission["retryAfterSeconds"] or window}',
        ),
    ]


def _refusal(admission: Admission, retry_after_seconds: int | None) -> Recount:
    return {
        "decision": "rate_limited",
        "status": HTTPStatus.TOO_MANY_REQUESTS,
        "retryAfterSeconds": retry_after_seconds,
        "reason": f"more than {admission['requestsMax']} {admission['routeClass']} requests"
        f" in {admission['windowSeconds']} s",
    }


def _problem(admission: Admission) -> Problem:
    problem = Problem(
        admission["status"],
        admission["decision"].replace("_", "-"),
        admission["reason"],
        retry_after_seconds=admission["retryAfterSeconds"],
        hint=HINTS.get(admission["decision"]),
    )
    if admission["status"] == HTTPStatus.UNAUTHORIZED:
        problem.headers["WWW-Authenticate"] = 'Bearer realm="plumbline"'
    for name, value in limit_headers(admission):
        problem.headers[name] = value
    return problem


HINTS = {
    "token_required": "Send the header Authorization: Bearer <token>.",
    "invalid_token": "`plumb token create` makes a new one.",
    "scope_too_small": "`plumb token create --scope` makes one that may.",
}


def _printable(path: str) -> str:
    # WSGI hands bytes over as latin-1; PostgreSQL stores no NUL, and a log holds no line breaks.
    text = path.encode("latin-1", "replace").decode("utf-8", "replace")[:ROUTE_LENGTH_MAX]
    return "".join("?" if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
