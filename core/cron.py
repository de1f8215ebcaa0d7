"""Jobs that pg_cron starts from another database: it is in one database of a server only.

What it has already stays as it is. It gets a few entries that call plumb.run_due_jobs() in the
guarded database, which then runs its jobs by its own table: several databases can be guarded.
"""

from collections.abc import Callable

import psycopg
from psycopg.conninfo import make_conninfo

from .explain import first_line
from .rows import fetch_row, fetch_value
from .session import open_session
from .statements import statement

CONNECT_SECONDS_MAX = 10


def follow_scheduler(database_url: str, report: Callable[[str], None]) -> None:
    """Let pg_cron start the jobs of a database in which it does not live.

    Args:
        database_url: The guarded database, migrated.
        report: Receives why it cannot, if it cannot.
    """
    with open_session(database_url, "plumb migrate", autocommit=True) as connection:
        name = connection.info.dbname
        home, has_workers = fetch_row(connection, statement(__package__, "home_of_pg_cron"))
        fault = ""
        if home and not has_workers:
            fault = "cron.use_background_workers is off"
        elif home:
            fault = _schedule(database_url, home, name)
        if fault:
            report(f"pg_cron in database {home} starts no jobs here: {fault}")
        is_followed = bool(home and not fault)
        connection.execute(
            "select plumb.change_setting('cron_database', %s)", [home if is_followed else None]
        )
        connection.execute("select plumb.schedule_job(j.job_name) from plumb.jobs as j")


def leave_scheduler(database_url: str) -> str | None:
    """Take a database's entries out of a pg_cron that lives in another one.

    Args:
        database_url: The guarded database.

    Returns:
        What went wrong, or None.
    """
    with open_session(database_url, "plumb uninstall", autocommit=True) as connection:
        name = connection.info.dbname
        home, _ = fetch_row(connection, statement(__package__, "home_of_pg_cron"))
    if not home:
        return None
    try:
        with _open_home(database_url, home) as connection:
            if fetch_value(connection, "select to_regclass('cron.job') is not null"):
                connection.execute(statement(__package__, "leave_scheduler"), [name])
    except psycopg.Error as error:
        return f"database {home}: {first_line(error)}"
    return None


def _open_home(database_url: str, home: str) -> psycopg.Connection:
    return open_session(
        make_conninfo(database_url, dbname=home),
        "plumb migrate",
        autocommit=True,
        connect_timeout=CONNECT_SECONDS_MAX,
    )


def _schedule(database_url: str, home: str, name: str) -> str:
    """Write the entries; return why that was impossible, or nothing."""
    try:
        with _open_home(database_url, home) as connection:
            connection.execute("create extension if not exists pg_cron")
            connection.execute(statement(__package__, "follow_scheduler"), [name])
    except psycopg.Error as error:
        return first_line(error)
    return ""
