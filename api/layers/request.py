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
from collections.abc import Callable, Iterable
from contextlib import suppress

from ..database import Database
from .latency import LatencyLayer, LatencyTracker
from .protocol import Application, Environ, StartResponse, admit_once
from .safe_mode import SafeModeLayer
from .security import Gate, SecurityLayer

# Long enough to be up, short enough that the first health score finds a reporter.
FIRST_WINDOW_SECONDS = 0.5


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
        look: Called after each flush; the database may be away.
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
        look: Callable[[], object] | None = None,
    ) -> None:
        """Put the layers together; start nothing."""
        self._database = database
        self._source = source
        self._window_seconds = window_seconds
        self._announce = announce
        self._look = look
        self._lock = threading.Lock()
        self._process_id = 0
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.tracker = self._new_tracker()
        # Safe mode speaks first, then security; what they refuse is no latency of the application.
        self.gate = gate = gate or Gate(database, source, open_paths=open_paths)
        latency = LatencyLayer(app, self._record, unmeasured_paths)
        security = SecurityLayer(
            latency, lambda environ: admit_once(environ, gate.admit), gate, unmeasured_paths
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
            thread = self._thread
            if self._process_id != os.getpid() or thread is None:
                return
            self._process_id = 0
            self._stopped.set()
        thread.join()

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
        # The first window is short: before it the database does not know that anything is measured.
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
            if self._look is not None and not is_last:
                # A flush that fails says what is wrong.
                with suppress(Exception):
                    self._look()
