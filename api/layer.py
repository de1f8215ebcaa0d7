"""The request layer: safe mode, then security, then latency, then the application.

It is plain WSGI, so that any application can stand behind it:

    app.wsgi_app = RequestLayer(app.wsgi_app, Database(url), source="shop")

A layer answers by itself or passes on; what it refuses never reaches the ones behind it, so a
refusal is not counted as the application's latency or error.

Everything the database must be asked about a request is asked once: the first layer that needs
to know calls `admission`, which keeps the answer for the layers behind it.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable

from werkzeug.wsgi import ClosingIterator

from .database import Database
from .latency import LatencyTracker
from .problems import SAFE_MODE_RETRY_SECONDS, Problem, problem_of
from .security import Gate, SecurityLayer

Environ = dict
StartResponse = Callable
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# Answers what the layers must know about a request, in one call of the database.
Admit = Callable[[Environ], dict]

# Long enough to be up, short enough that the first health score finds a reporter.
FIRST_WINDOW_SECONDS = 0.5
# RFC 9110: methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
KNOWN_METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
ADMISSION_KEY = "plumbline.admission"
# Where an application may leave a request's route pattern, such as /sales/<sale_id>.
ROUTE_KEY = "plumbline.route"
SERVER_ERROR = 500


def admission(environ: Environ, admit: Admit) -> dict:
    """Return what the database says about a request, asking it once per request.

    Args:
        environ: The request.
        admit: Asks the database.
    """
    if ADMISSION_KEY not in environ:
        environ[ADMISSION_KEY] = admit(environ)
    return environ[ADMISSION_KEY]


class SafeModeLayer:
    """Answers 503 to every write while safe mode is on.

    Whether it is on is asked for every write. When nobody can tell, the write is refused too:
    unknown is not permission.

    Args:
        app: The application behind it.
        admit: Returns at least `safeMode` and `reason`.
        open_paths: Paths whose writes always pass, such as the one that ends safe mode.
    """

    def __init__(
        self, app: Application, admit: Admit, open_paths: frozenset[str] = frozenset()
    ) -> None:
        """Keep the parameters."""
        self._app = app
        self._admit = admit
        self._open_paths = open_paths

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Refuse the request or pass it on."""
        method = environ["REQUEST_METHOD"]
        if method in SAFE_METHODS or environ.get("PATH_INFO") in self._open_paths:
            return self._app(environ, start_response)
        try:
            known = admission(environ, self._admit)
        except Exception as error:  # whatever failed, nobody knows whether writes are allowed
            return problem_of(error).response()(environ, start_response)
        if not known["safeMode"]:
            return self._app(environ, start_response)
        problem = Problem(
            503,
            "safe-mode",
            f"safe mode is on, {method} refused: {known['reason']}",
            retry_after_seconds=SAFE_MODE_RETRY_SECONDS,
        )
        return problem.response()(environ, start_response)


class LatencyLayer:
    """Measures each request until its last byte was taken.

    Args:
        app: The application behind it.
        record: Takes route, seconds and whether the service failed.
        unmeasured_paths: Paths that are no traffic, such as probes.
    """

    def __init__(
        self,
        app: Application,
        record: Callable[[str, float, bool], None],
        unmeasured_paths: frozenset[str] = frozenset(),
    ) -> None:
        """Keep the parameters."""
        self._app = app
        self._record = record
        self._unmeasured_paths = unmeasured_paths

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on and record how it went."""
        if environ.get("PATH_INFO") in self._unmeasured_paths:
            return self._app(environ, start_response)
        started_at = time.perf_counter()
        answered = {"status": SERVER_ERROR}

        def remember(status: str, *arguments: object, **keywords: object) -> Callable:
            answered["status"] = int(status[:3])
            return start_response(status, *arguments, **keywords)

        def finish() -> None:
            seconds = time.perf_counter() - started_at
            self._record(_route(environ), seconds, answered["status"] >= SERVER_ERROR)

        try:
            body = self._app(environ, remember)
        except BaseException:
            finish()
            raise
        return ClosingIterator(body, [finish])


def _route(environ: Environ) -> str:
    method = environ["REQUEST_METHOD"]
    method = "GET" if method == "HEAD" else method if method in KNOWN_METHODS else "OTHER"
    return f"{method} {environ.get(ROUTE_KEY, '(unnamed)')}"


class RequestLayer:
    """Safe mode, then security, then latency, in front of any WSGI application.

    Mount it as the outermost wrapper. In each process it starts by itself with the first
    request; a server that wants idle windows reported from the beginning calls `start` after
    forking.

    Args:
        app: The application behind it.
        database: Where mode and latencies live.
        source: The application's name in plumb.perf_observations.
        gate: Decides on requests; one that leaves tokens to the application when absent.
        open_paths: Paths whose writes pass in safe mode.
        unmeasured_paths: Paths that are no traffic, never refused and never counted.
        window_seconds: How long a window of latencies is.
        announce: Called before a flush until it succeeded once in this process.
    """

    def __init__(
        self,
        app: Application,
        database: Database,
        source: str,
        *,
        gate: Gate | None = None,
        open_paths: frozenset[str] = frozenset(),
        unmeasured_paths: frozenset[str] = frozenset(),
        window_seconds: float = 10.0,
        announce: Callable[[], object] | None = None,
    ) -> None:
        """Put the layers together; start nothing."""
        self._database = database
        self._source = source
        self._window_seconds = window_seconds
        self._announce = announce
        self._lock = threading.Lock()
        self._process_id = 0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.tracker = self._new_tracker()
        # Safe mode speaks first, then security; what they refuse is no latency of the application.
        self.gate = gate = gate or Gate(database, source, open_paths=open_paths)
        latency = LatencyLayer(app, self._record, unmeasured_paths)
        security = SecurityLayer(
            latency, lambda environ: admission(environ, gate.admit), gate, unmeasured_paths
        )
        self._first = SafeModeLayer(security, gate.admit, open_paths)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if self._process_id != os.getpid():
            self.start()
        return self._first(environ, start_response)

    def start(self) -> None:
        """Start reporting from this process; doing it again changes nothing."""
        with self._lock:
            if self._process_id == os.getpid():
                return
            self._process_id = os.getpid()
            self.tracker = self._new_tracker()
            self._stopped = threading.Event()
            self._thread = threading.Thread(target=self._report, name="plumb latency", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Report the last window and stop; waits for the database no longer than a request."""
        with self._lock:
            if self._process_id != os.getpid():
                return
            self._process_id = 0
            self._stopped.set()
        self._thread.join()

    def _new_tracker(self) -> LatencyTracker:
        return LatencyTracker(
            lambda rows: self._database.call(
                "record_requests", p_source=self._source, p_observations=rows
            )
        )

    def _record(self, route: str, seconds: float, is_error: bool) -> None:
        self.tracker.record(route, seconds, is_error)

    def _report(self) -> None:
        announce = self._announce
        is_last = False
        # The first window is short: until it arrives nobody can tell that anybody is listening.
        seconds = min(FIRST_WINDOW_SECONDS, self._window_seconds)
        while not is_last:
            if announce is not None:
                try:
                    announce()
                    announce = None
                except Exception:  # the flush below says what is wrong
                    pass
            is_last = self._stopped.wait(seconds)
            seconds = self._window_seconds
            self.tracker.flush()
