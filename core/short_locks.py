"""Changes of an application's tables: they stop its writers for a moment, or are tried again."""

import time
from collections.abc import Callable

import psycopg
from psycopg import sql

from .errors import PlumbError

# Longest wait for a table while its writers wait behind; tries of it, and the pause between them.
LOCK_TIMEOUT = "500ms"
TRIES_MAX = 60
PAUSE_SECONDS = 0.5


def with_short_lock(
    connection: psycopg.Connection, table: str, change: Callable[[], None]
) -> float:
    """Change a table in a transaction of its own.

    Args:
        connection: An autocommit connection.
        table: The table's name, for messages.
        change: Executes the statements on that connection.

    Returns:
        How long the transaction took in milliseconds: at most so long its writers waited.

    Raises:
        PlumbError: Others kept it locked.
    """
    for _ in range(TRIES_MAX):
        started = time.monotonic()
        try:
            with connection.transaction():
                connection.execute(
                    sql.SQL("set local lock_timeout = {}").format(sql.Literal(LOCK_TIMEOUT))
                )
                change()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            time.sleep(PAUSE_SECONDS)
            continue
        return (time.monotonic() - started) * 1000
    raise PlumbError(
        f"table {table} is locked by others all the time",
        "End their transactions, or try again later: what is done stays done.",
    )
