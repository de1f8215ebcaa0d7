"""Keeps the rules of an application in a file beside it: shows, applies and writes differences.

The file is SQL: one call for each rule, in a transaction. It runs after the application's own
migrations; a table or column that they renamed or dropped is named there, before production.
"""

import argparse
import difflib
from pathlib import Path
from typing import Any

import psycopg

from ..core.errors import PlumbError
from ..core.exit_codes import FALSE, TRUE
from ..core.explain import explained
from ..core.output import counted, printable, say
from ..core.rows import fetch_value
from ..core.session import open_session
from ..core.statements import statement
from ..core.target import database_url
from ..core.told import tell

FILE = "plumb.rules.sql"
HEAD = "-- The rules of this application. ./plumb rules diff | apply | export\n"
Rules = dict[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "action",
        choices=("diff", "apply", "export"),
        help="show how the file differs from the database, apply it, or write the database's rules",
    )
    parser.add_argument("file", nargs="?", default=FILE, type=Path, help=f"the rules file ({FILE})")
    parser.add_argument(
        "--prune", action="store_true", help="apply: drop the rules that the file does not declare"
    )


def run(arguments: argparse.Namespace) -> int:
    """Carry out the action.

    Returns:
        0 when file and database agree, or do now; 1 when they differ.

    Raises:
        PlumbError: The file cannot be read, or a rule of it cannot be declared.
    """
    with (
        explained("the rules were not touched"),
        open_session(database_url(), "plumb rules") as connection,
    ):
        if arguments.action == "export":
            text = HEAD + "".join("\n" + call for call in declared(connection).values())
            arguments.file.write_text(text, encoding="utf-8")
            say(f"wrote {arguments.file}")
            return TRUE
        before = declared(connection)
        after, absent = apply(connection, arguments.file)
        tell(absent=absent)
        if arguments.action == "diff":
            connection.rollback()
            return _tell(before, after, absent, str(arguments.file))
        if arguments.prune:
            for name in absent:
                connection.execute("select plumb.drop_invariant(%s)", [name])
                say(f"{name} dropped")
        connection.commit()
        changed = [name for name in after if after[name] != before.get(name)]
        say(f"{counted(len(after) - len(absent), 'rule')} declared, {len(changed)} new or changed")
        if absent and not arguments.prune:
            say(f"not in the file: {', '.join(absent)}; drop them with --prune")
    return TRUE


def declared(connection: psycopg.Connection[Any]) -> Rules:
    """Return the calls that declare the rules of the database, by name.

    Args:
        connection: A session of a superuser.
    """
    rows = connection.execute(
        "select r.invariant, plumb.describe_rule_call(r.invariant) from plumb.rules as r order by 1"
    )
    return dict(rows.fetchall())


def apply(connection: psycopg.Connection[Any], file: Path) -> tuple[Rules, list[str]]:
    """Run a rules file in the open transaction.

    Args:
        connection: A session of a superuser.
        file: The rules file.

    Returns:
        The rules as they are then, and the names of those that the file does not declare.

    Raises:
        PlumbError: The file cannot be read, is refused, or ends the transaction.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlumbError(
            f"{file} cannot be read: {error}", "./plumb rules export writes one."
        ) from error
    transaction = fetch_value(connection, "select pg_current_xact_id()")
    try:
        connection.execute(text)
    except psycopg.Error as error:
        raise PlumbError(
            f"{file}: {error.diag.message_primary}; nothing was changed",
            error.diag.message_hint or "",
        ) from error
    if fetch_value(connection, "select pg_current_xact_id()") != transaction:
        raise PlumbError(f"{file} ends its transaction", "Take COMMIT and ROLLBACK out of it.")
    absent = connection.execute(statement(__package__, "absent_rules"))
    return declared(connection), [name for (name,) in absent.fetchall()]


def _tell(before: Rules, after: Rules, absent: list[str], file: str) -> int:
    wanted = {name: call for name, call in after.items() if name not in absent}
    lines = difflib.unified_diff(
        "\n".join(before.values()).splitlines(),
        "\n".join(wanted.values()).splitlines(),
        "database",
        file,
        lineterm="",
    )
    differences = [printable(line) for line in lines]
    tell(differences=differences)
    print("\n".join(differences) if differences else f"{file} and the database agree")
    return FALSE if differences else TRUE
