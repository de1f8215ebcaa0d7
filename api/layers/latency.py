"""Counts requests and how long they take, and reports them to the database in windows.

Recording costs a request a lock and a few additions; it never waits for the database. What
cannot be reported is kept, up to a limit, and tried again with the next window. Empty windows
are reported too: a service that has nothing to do and one that died must not look the same.
"""

import json
import logging
import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from werkzeug.wsgi import ClosingIterator

from ...core.explain import first_line
from .protocol import KNOWN_METHODS, ROUTE_KEY, Application, Environ, OptExcInfo, StartResponse

log = logging.getLogger("plumbline.api")

ALL_ROUTES = "*"
OTHER_ROUTES = "(other)"
# Routes that are counted separately in one window; the rest share a row, so that a scanner cannot
# fill memory.
ROUTES_MAX = 100
# Rows kept while the database cannot be reached: half an hour of a few busy routes.
BACKLOG_ROWS_MAX = 2000
# Rows sent in one call, well below what plumb.record_requests takes.
BATCH_ROWS_MAX = 500
# Neighbouring buckets differ by this factor, so a percentile is off by 2.5 % at most.
BUCKET_GROWTH = 1.05
LATENCY_MS_MIN = 0.01
LATENCY_MS_MAX = 600_000.0


class Histogram:
    """Latencies in buckets of growing width: at most 368 of them, whatever comes."""

    def __init__(self) -> None:
        self.request_count = 0
        self.error_count = 0
        self._buckets: Counter[int] = Counter()
        self._min_ms = math.inf
        self._max_ms = 0.0

    def add(self, milliseconds: float, is_error: bool) -> None:
        """Count one request.

        Args:
            milliseconds: How long it took.
            is_error: Whether the service failed it.
        """
        value = min(max(milliseconds, LATENCY_MS_MIN), LATENCY_MS_MAX)
        self._buckets[math.floor(math.log(value / LATENCY_MS_MIN, BUCKET_GROWTH))] += 1
        self._min_ms = min(self._min_ms, value)
        self._max_ms = max(self._max_ms, value)
        self.request_count += 1
        self.error_count += is_error

    def percentile_ms(self, share: float) -> float | None:
        """Return the latency that this share of requests did not exceed.

        Args:
            share: 0 to 1, such as 0.95; the nearest-rank definition.

        Returns:
            Milliseconds, the geometric middle of the bucket found; None without requests.
        """
        rank = math.ceil(share * self.request_count)
        for bucket in sorted(self._buckets):
            rank -= self._buckets[bucket]
            if rank <= 0:
                middle: float = LATENCY_MS_MIN * BUCKET_GROWTH ** (bucket + 0.5)
                return round(min(max(middle, self._min_ms), self._max_ms), 3)
        return None


class LatencyTracker:
    """Gathers latencies per route and hands finished windows to a sender.

    Args:
        send: Takes a JSON array as plumb.record_requests does; raises when it failed.
        clock: A monotonic clock in seconds.
        backlog_rows_max: Rows kept for later while sending fails; the oldest go first.
    """

    def __init__(
        self,
        send: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
        backlog_rows_max: int = BACKLOG_ROWS_MAX,
    ) -> None:
        """Open the first window."""
        self._send = send
        self._clock = clock
        self._backlog_rows_max = backlog_rows_max
        self._lock = threading.Lock()
        self._flush_lock = threading.Lock()
        self._window: dict[str, Histogram] = {ALL_ROUTES: Histogram()}
        self._window_started_at = clock()
        self._backlog: deque[dict[str, Any]] = deque()
        self.dropped_row_count = 0

    def record(self, route: str, seconds: float, is_error: bool) -> None:
        """Count a request.

        Args:
            route: Its route's pattern, never its path.
            seconds: How long it took.
            is_error: Whether the service failed it (5xx).
        """
        with self._lock:
            if route not in self._window and len(self._window) > ROUTES_MAX:
                route = OTHER_ROUTES
            for name in (ALL_ROUTES, route):
                self._window.setdefault(name, Histogram()).add(seconds * 1000, is_error)

    def flush(self) -> bool:
        """Close the window and send what is unsent.

        Returns:
            Whether nothing is left unsent.
        """
        with self._flush_lock:
            self._close_window()
            while self._backlog:
                batch = self._next_batch()
                now = self._clock()
                rows = [
                    {name: value for name, value in row.items() if name != "endedAt"}
                    | {"endedSecondsAgo": max(now - row["endedAt"], 0)}
                    for row in batch
                ]
                try:
                    self._send(json.dumps(rows))
                except Exception as error:  # whatever failed, the next flush tries again
                    reason = first_line(error)
                    log.warning("%d latency rows wait: %s", len(self._backlog), reason)
                    return False
                for _row in batch:
                    self._backlog.popleft()
            return True

    def _next_batch(self) -> list[dict[str, Any]]:
        """Return the oldest rows, whole windows only: one without its total is summed up anew."""
        batch: list[dict[str, Any]] = []
        for row in self._backlog:
            if len(batch) >= BATCH_ROWS_MAX and row["route"] == ALL_ROUTES:
                break
            batch.append(row)
        return batch

    def _close_window(self) -> None:
        now = self._clock()
        with self._lock:
            window, self._window = self._window, {ALL_ROUTES: Histogram()}
            started_at, self._window_started_at = self._window_started_at, now
        if now <= started_at:
            return
        for route, histogram in window.items():
            self._backlog.append(
                {
                    "route": route,
                    "requestCount": histogram.request_count,
                    "errorCount": histogram.error_count,
                    "p50Ms": histogram.percentile_ms(0.50),
                    "p95Ms": histogram.percentile_ms(0.95),
                    "p99Ms": histogram.percentile_ms(0.99),
                    "windowSeconds": now - started_at,
                    "endedAt": now,
                }
            )
        while len(self._backlog) > self._backlog_rows_max:
            self._drop_row()
            # The routes of a window go with its total.
            while self._backlog and self._backlog[0]["route"] != ALL_ROUTES:
                self._drop_row()

    def _drop_row(self) -> None:
        self._backlog.popleft()
        self.dropped_row_count += 1


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
        self._app = app
        self._record = record
        self._unmeasured_paths = unmeasured_paths

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on and record how it went."""
        if environ.get("PATH_INFO") in self._unmeasured_paths:
            return self._app(environ, start_response)
        started_at = time.perf_counter()
        answered = {"status": int(HTTPStatus.INTERNAL_SERVER_ERROR)}

        def remember(
            status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
        ) -> Callable[[bytes], object]:
            answered["status"] = int(status[:3])
            return start_response(status, headers, exc_info)

        def finish() -> None:
            seconds = time.perf_counter() - started_at
            self._record(
                _route(environ), seconds, answered["status"] >= HTTPStatus.INTERNAL_SERVER_ERROR
            )

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
