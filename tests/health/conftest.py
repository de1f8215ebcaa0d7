"""A clock to move."""

from collections.abc import Callable

import psycopg
import pytest


@pytest.fixture
def at(db: psycopg.Connection) -> Callable[[str], None]:
    """Return a function that sets this session's clock to noon plus an interval."""

    def set_clock(offset: str) -> None:
        db.execute(
            "select set_config('plumb.current_time',"
            " (timestamptz '2030-01-01 12:00+00' + %s::interval)::text, false)",
            [offset],
        )

    set_clock("0")
    return set_clock


@pytest.fixture(autouse=True)
def clock(at):
    """Set every test's clock to noon."""


@pytest.fixture
def component(db):
    """Return a function that measures one component now."""

    def measure(name):
        row = db.execute(
            "select c from plumb.score_health() as h, jsonb_array_elements(h.components) as c"
            " where c ->> 'component' = %s",
            [name],
        ).fetchone()
        assert row[0]["reason"], "it does not say why"
        return row[0]

    return measure
