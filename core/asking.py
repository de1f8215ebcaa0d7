"""Asks the guarded database for one value, for the commands that only show something."""

from collections.abc import Sequence
from typing import Any

from .explain import explained
from .rows import fetch_value
from .session import open_session
from .target import database_url


def ask(command: str, query: str, parameters: Sequence[object] = ()) -> Any:
    """Return what one statement says about the database that commands speak to.

    Args:
        command: Who asks, for pg_stat_activity.
        query: A statement that returns one value.
        parameters: What its placeholders stand for.

    Raises:
        PlumbError: The database cannot be reached, or refused it.
    """
    url = database_url()
    with (
        explained("the database could not be asked"),
        open_session(url, f"plumb {command}") as connection,
    ):
        return fetch_value(connection, query, parameters)
