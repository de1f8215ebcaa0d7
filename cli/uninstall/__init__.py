"""Takes Plumbline out of a database, and leaves the application's dump as it was before.

One table a transaction, each with a short wait for its lock and several tries, so that the
application goes on. Interrupted, it is called again and does the rest.
"""

import argparse
from collections.abc import Callable
from contextlib import suppress

import psycopg
from psycopg import sql

from ...core.config import Config
from ...core.cron import leave_scheduler
from ...core.demo_schema import present
from ...core.errors import PlumbError
from ...core.explain import explained, first_line
from ...core.guide_path import take_guide_off_path
from ...core.output import say
from ...core.rows import fetch_row, fetch_value
from ...core.scheduler_process import SchedulerProcess
from ...core.service import Service
from ...core.session import open_session
from ...core.short_locks import with_short_lock
from ...core.statements import statement
from ...core.target import database_url

Report = Callable[[str], None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--yes", action="store_true", help="remove it; without, only say what would be removed"
    )


def run(arguments: argparse.Namespace) -> int:
    """Remove everything of Plumbline from the configured database.

    Returns:
        0 when it is gone, or was described.

    Raises:
        PlumbError: Nothing was removed, or not all; the message says why.
    """
    config = Config.from_environment()
    url = database_url()
    with explained("not everything was removed"):
        with open_session(url, "plumb uninstall", autocommit=True) as connection:
            _check(connection)
            if not arguments.yes:
                _describe(connection)
                return 0
        for process, name in ((SchedulerProcess(config), "scheduler"), (Service(config), "HTTP")):
            if process.stop():
                say(f"{name} stopped")
        return uninstall(url, say)


def uninstall(url: str, report: Report) -> int:
    """Remove everything of Plumbline from a database.

    Args:
        url: A libpq URL of whoever installed it.
        report: Receives one line for each step.

    Returns:
        0 when it is gone.
    """
    fault = leave_scheduler(url)
    if fault:
        raise PlumbError(f"pg_cron keeps its entries: {fault}", "Remove them there, then again.")
    with open_session(url, "plumb uninstall", autocommit=True) as connection:
        _check(connection)
        if fetch_value(connection, "select to_regclass('cron.job') is not null"):
            connection.execute(statement(__package__, "own_jobs"))
        events, schemas, roles, publications = fetch_row(
            connection, statement(__package__, "lists")
        )
        for name in events:
            _drop(connection, "drop event trigger if exists {}", name)
        for schema, table in connection.execute(statement(__package__, "tables")).fetchall():
            detach_table(connection, schema, table, report)
        connection.execute(statement(__package__, "drop_slots"))
        for name in publications:
            _drop(connection, "drop publication if exists {}", name)
        shop = present(connection)
        with connection.transaction():
            extensions = _created_extensions(connection)
            # The log refuses to be dropped by anybody who does not mean it.
            connection.execute("set local plumb.audit_dismantling = 'on purpose'")
            for name in [*schemas, *([shop, "demo"] if shop else []), "plumb"]:
                if fetch_value(connection, "select to_regnamespace(%s) is not null", [name]):
                    _drop(connection, "drop schema if exists {} cascade", name)
            for name in extensions:
                _drop(connection, "drop extension if exists {}", name)
            take_guide_off_path(connection)
        report(f"dropped schemas {', '.join([*schemas, *([shop] if shop else []), 'plumb'])}")
        return _drop_roles(connection, roles, report)


def detach_table(connection: psycopg.Connection, schema: str, table: str, report: Report) -> None:
    """Drop our triggers of one table in a transaction of its own.

    Args:
        connection: An autocommit connection of whoever installed Plumbline.
        schema: The table's schema.
        table: The table.
        report: Receives how long its writers waited at most.

    Raises:
        PlumbError: Others kept it locked.
    """

    def drop_triggers() -> None:
        names = connection.execute(statement(__package__, "triggers"), [schema, table])
        for (name,) in names.fetchall():
            connection.execute(
                sql.SQL("drop trigger {} on {}").format(
                    sql.Identifier(name), sql.Identifier(schema, table)
                )
            )

    milliseconds = with_short_lock(connection, f"{schema}.{table}", drop_triggers)
    report(f"detached {schema}.{table}: its writers waited at most {milliseconds:.0f} ms")


def _check(connection: psycopg.Connection) -> None:
    name = connection.info.dbname
    if not fetch_value(connection, "select to_regclass('plumb.schema_revision') is not null"):
        raise PlumbError(f"database {name} has no Plumbline in it, or an older one")
    views = connection.execute(statement(__package__, "dependents")).fetchall()
    if views:
        raise PlumbError(
            f"views of yours read what would be removed: {', '.join(view for (view,) in views)}",
            "Drop them first. Nothing was removed.",
        )
    with suppress(psycopg.errors.UndefinedFunction):
        if fetch_value(connection, "select plumb.is_safe_mode()"):
            raise PlumbError(
                "safe mode is on", "Disengage it first: removing the guards would end it."
            )


def _describe(connection: psycopg.Connection) -> None:
    events, schemas, roles, publications = fetch_row(connection, statement(__package__, "lists"))
    tables = connection.execute(statement(__package__, "tables")).fetchall()
    shop = present(connection)
    schemas += [shop, "demo"] if shop else []
    say(f"--yes removes from database {connection.info.dbname}:")
    for what, names in (
        ("schemas, with the audit log and all history", [*schemas, "plumb"]),
        ("triggers on", [f"{schema}.{table}" for schema, table in tables]),
        ("event triggers", events),
        ("publications", publications),
        ("extensions", _created_extensions(connection)),
        ("roles, where no other database needs them", roles),
    ):
        if names:
            say(f"  {what}: {', '.join(names)}")
    say("Tables of the application, their rows and their own triggers stay as they are.")


def _created_extensions(connection: psycopg.Connection) -> list[str]:
    if not fetch_value(connection, "select to_regclass('plumb.installed_extensions') is not null"):
        return []
    rows = connection.execute("select e.name from plumb.installed_extensions as e order by 1")
    return [name for (name,) in rows.fetchall()]


def _drop(connection: psycopg.Connection, command: str, name: str) -> None:
    connection.execute(sql.SQL(command).format(sql.Identifier(name)))


def _drop_roles(connection: psycopg.Connection, roles: list[str], report: Report) -> int:
    """Drop the roles that no other database of the server needs."""
    if not roles:
        return 0
    owners = {name for (name,) in connection.execute(statement(__package__, "owners"))}
    kept = [f"{name} (owns objects of yours)" for name in roles if name in owners]
    roles = [name for name in roles if name not in owners]
    for name in roles:
        # What they were granted and set in this database. Who may not has set nothing either.
        with suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute(sql.SQL("drop owned by {}").format(sql.Identifier(name)))
            connection.execute(
                sql.SQL("alter role {} in database {} reset all").format(
                    sql.Identifier(name), sql.Identifier(connection.info.dbname)
                )
            )
    for name in roles:
        try:
            _drop(connection, "drop role if exists {}", name)
        except (
            psycopg.errors.DependentObjectsStillExist,
            psycopg.errors.InsufficientPrivilege,
        ) as error:
            kept.append(f"{name} ({first_line(error)})")
    if kept:
        report(f"roles that stay: {', '.join(kept)}")
    return 0
