"""Takes a table, or all tables of a schema, out of safe mode, the audit log and enforcement.

One table a transaction, each with a short wait for its lock and several tries, so that the
application goes on. Interrupted, it is called again and does the rest. What was recorded stays.
"""

import argparse

import psycopg

from ...core.errors import PlumbError
from ...core.explain import explained
from ...core.output import say
from ...core.rows import fetch_value
from ...core.session import open_session
from ...core.short_locks import with_short_lock
from ...core.statements import statement
from ...core.target import database_url
from ...core.told import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="a table with its schema, or a schema"
    )


def run(arguments: argparse.Namespace) -> int:
    """Detach tables.

    Returns:
        0 when none of them is guarded, audited or enforced any more.

    Raises:
        PlumbError: A name means no table, or others keep one locked.
    """
    detached: list[str] = []
    with (
        explained("not everything was detached"),
        open_session(database_url(), "plumb detach", autocommit=True) as connection,
    ):
        for name in arguments.names:
            tables = connection.execute(statement(__package__, "tables"), [name]).fetchall()
            if not tables:
                raise PlumbError(
                    f"there is no table and no schema with tables called {name}",
                    "Name a table with its schema, such as sales.orders.",
                )
            if fetch_value(connection, "select to_regclass(%s) is null", [name]):
                _leave_schema(connection, tables[0][1])
            for table in tables:
                _detach(connection, table)
                detached.append(table[0])
                tell(tables=detached)
    return 0


def _leave_schema(connection: psycopg.Connection, schema: str) -> None:
    """Keep new tables of a schema from being guarded."""
    names = fetch_value(connection, "select plumb.guarded_schemas()") or []
    kept = [name for name in names if name != schema]
    if kept != names:
        connection.execute(
            "select plumb.change_setting('guarded_schemas', %s)", [", ".join(kept) or None]
        )
        say(f"new tables of schema {schema} are guarded no more")


def _detach(connection: psycopg.Connection, table: tuple[str, str, bool, bool, list[str]]) -> None:
    name, _, is_guarded, is_audited, enforced = table
    if not (is_guarded or is_audited or enforced):
        say(f"{name} has nothing of Plumbline")
        return

    def detach() -> None:
        for invariant in enforced:
            connection.execute("select plumb.enforce_invariant(%s, 'detect')", [invariant])
        if is_audited:
            connection.execute("select plumb.unaudit_table(%s::regclass)", [name])
        if is_guarded:
            connection.execute("select plumb.unguard_table(%s::regclass)", [name])

    milliseconds = with_short_lock(connection, name, detach)
    for invariant in enforced:
        say(f"{invariant} is checked, and no longer enforced")
    say(f"detached {name}: its writers waited at most {milliseconds:.0f} ms")
