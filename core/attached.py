"""What the first migration leaves switched off in a database that has an application already."""

from collections.abc import Callable

from .rows import fetch_value
from .session import open_session

Report = Callable[[str], None]


def is_unguarded(database_url: str) -> bool:
    """Return whether a database was never migrated.

    Args:
        database_url: A libpq URL.
    """
    with open_session(database_url, "plumb migrate") as connection:
        is_new: bool = fetch_value(connection, "select to_regclass('plumb.settings') is null")
    return is_new


def hold_back(database_url: str, report: Report) -> None:
    """Keep the first day quiet: no safe mode by itself.

    Old data has old faults, and grade F would stop every write because of them.

    Args:
        database_url: A libpq URL of a superuser; the database was migrated for the first time.
        report: Receives one line per thing worth reporting.
    """
    with open_session(database_url, "plumb migrate", autocommit=True) as connection:
        connection.execute("select plumb.change_setting('safe_mode_auto_enabled', 'false')")
    report(
        "nothing is guarded yet, and grade F does not engage safe mode; when your rules hold:\n"
        "  select plumb.change_setting('safe_mode_auto_enabled', 'true');"
    )
