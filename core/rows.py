"""Reads the row of a statement that always returns one."""

from typing import Any

import psycopg
from psycopg.abc import Params, QueryNoTemplate


def fetch_row(
    connection: psycopg.Connection[Any], query: QueryNoTemplate, parameters: Params | None = None
) -> Any:
    """Return the first row of a statement that always returns one.

    Args:
        connection: Where it is run.
        query: The statement.
        parameters: What its placeholders stand for.

    Raises:
        LookupError: It returned none.
        psycopg.Error: The database refused it.
    """
    row = connection.execute(query, parameters).fetchone()
    if row is None:
        raise LookupError(f"no row came from: {query!r}")
    return row


def fetch_value(
    connection: psycopg.Connection[Any], query: QueryNoTemplate, parameters: Params | None = None
) -> Any:
    """Return the first column of that row.

    Args:
        connection: As for `fetch_row`.
        query: As for `fetch_row`.
        parameters: As for `fetch_row`.

    Raises:
        LookupError: As for `fetch_row`.
        psycopg.Error: As for `fetch_row`.
    """
    return fetch_row(connection, query, parameters)[0]
