"""One check's row, a clock to move, and the engine's own run."""

from collections.abc import Callable

import psycopg
import pytest


@pytest.fixture
def look(db: psycopg.Connection) -> Callable[[str], dict]:
    """Return a function that looks at one check of database_checks."""

    def look_at(check_name: str) -> dict:
        cursor = db.execute(
            "select * from plumb.database_checks where check_name = %s", [check_name]
        )
        row = cursor.fetchone()
        return dict(zip([column.name for column in cursor.description], row, strict=True))

    return look_at


@pytest.fixture
def later(db: psycopg.Connection) -> Callable[[str], None]:
    """Return a function that moves this session's clock to an interval from now."""

    def set_clock(interval: str) -> None:
        db.execute(
            "select set_config('plumb.current_time', (now() + %s::interval)::text, false)",
            [interval],
        )

    return set_clock


@pytest.fixture
def open_incidents(db: psycopg.Connection) -> Callable[[str], list[tuple]]:
    """Return a function that lists scope and priority of a source's open incidents."""

    def listed(source: str) -> list[tuple]:
        return db.execute(
            "select scope, priority from plumb.open_incidents where source = %s order by scope",
            [source],
        ).fetchall()

    return listed
