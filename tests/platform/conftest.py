"""A clock to move, and jobs that do what a test needs."""

from collections.abc import Callable

import psycopg
import pytest

NOON = "timestamptz '2030-01-01 12:00+00'"


@pytest.fixture
def at(db: psycopg.Connection) -> Callable[[str], None]:
    """Return a function that sets this session's clock to noon plus an interval."""

    def set_clock(offset: str) -> None:
        db.execute(
            f"select set_config('plumb.current_time', ({NOON} + %s::interval)::text, false)",
            [offset],
        )

    set_clock("0")
    return set_clock


@pytest.fixture
def declare(db: psycopg.Connection) -> Callable[..., None]:
    """Return a function that declares the job `test`, whose command it takes."""
    db.execute("select plumb.declare_setting('test_interval_ms', '600000', 'ms', 'for tests')")

    def declare_job(command: str, timeout_seconds: int = 60) -> None:
        db.execute(
            "select plumb.declare_job('test', %s, 'test_interval_ms', %s, 'for tests')",
            [command, timeout_seconds],
        )

    return declare_job
