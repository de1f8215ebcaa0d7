"""A shop that may be deployed to: every gate passes, and time is moved by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
import pytest


class Clock:
    """Moves plumb.current_time() of one session."""

    def __init__(self, db: psycopg.Connection):
        """Stop the clock at the real time."""
        self.db = db
        self.now: datetime = db.execute("select clock_timestamp()").fetchone()[0]
        self.forward(0)

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.db.execute("select set_config('plumb.current_time', %s, false)", [str(self.now)])


@pytest.fixture
def clock(db) -> Clock:
    return Clock(db)


@pytest.fixture
def report_requests(db) -> Callable[..., None]:
    """Return a function that records a ten-second window that began some seconds ago."""

    def report(count: int, errors: int = 0, p95_ms: float | None = 100, age: float = 5) -> None:
        db.execute(
            "insert into plumb.perf_observations (source, route, request_count, error_count,"
            " p50_ms, p95_ms, p99_ms, window_started_at, window_seconds)"
            " values ('test', '*', %s, %s, %s, %s, %s,"
            " plumb.current_time() - make_interval(secs => %s), 10)",
            [count, errors, *[p95_ms if count else None] * 3, age],
        )

    return report


@pytest.fixture
def prove_backup(db) -> Callable[..., None]:
    """Return a function that records the verdict over a backup of some hours ago."""

    def prove(age_hours: float = 1, status: str = "valid", name: str = "nightly") -> None:
        db.execute(
            "insert into plumb.backup_validations"
            " (backup_name, status, taken_at, started_at, finished_at)"
            " values (%s, %s, plumb.current_time() - make_interval(secs => 3600 * %s),"
            " plumb.current_time(), plumb.current_time())",
            [name, status, age_hours],
        )

    return prove


@pytest.fixture
def deployable(shop, report_requests, prove_backup) -> psycopg.Connection:
    """Yield a database in which every gate but coverage passes."""
    shop.execute("select plumb.check_invariants()")
    report_requests(1000, errors=1)
    prove_backup()
    return shop
