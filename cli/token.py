"""API tokens: created, revoked and listed. A token is shown once and kept nowhere in clear."""

import argparse
import json

import psycopg

from ..core.explain import explained
from ..core.rows import fetch_value
from ..core.session import open_session
from ..core.told import tell

COLUMNS = ("name", "scope", "status", "created_at", "expires_at", "last_used_at")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the three actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = actions.add_parser("create", help="create a token and print it, this one time")
    create.add_argument("name", help="the person or program that will use it")
    create.add_argument(
        "--scope",
        choices=("record", "read", "operate", "admin"),
        default="operate",
        help="what it may do (operate); record: only POST /requests",
    )
    create.add_argument("--days", type=int, help="how long it lives; for ever when absent")
    revoke = actions.add_parser("revoke", help="refuse a token from now on")
    revoke.add_argument("name", help="whose token")
    listing = actions.add_parser("list", help="list tokens, never their secrets")
    listing.add_argument("--json", action="store_true", help="print them as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Carry out one action.

    Args:
        arguments: The parsed command line.

    Returns:
        0 when it was done.

    Raises:
        PlumbError: The database refused, or cannot be reached.
    """
    from ..core.target import database_url

    with (
        explained(),
        open_session(database_url(), "plumb token") as connection,
    ):
        lines = _act(connection, arguments)
    if lines:
        print("\n".join(lines))
    return 0


def _act(connection: psycopg.Connection, arguments: argparse.Namespace) -> list[str]:
    if arguments.action == "create":
        token = fetch_value(
            connection,
            "select plumb.create_token(%s, %s, %s)",
            [arguments.name, arguments.scope, arguments.days],
        )
        # A program reads it from its field; a secret is not shown twice.
        return [] if tell(token=token) else [token]
    if arguments.action == "revoke":
        connection.execute("select plumb.revoke_token(%s)", [arguments.name])
        return [f"{arguments.name}'s token is refused from now on"]
    query = f"select {', '.join(COLUMNS)} from plumb.token_list"
    rows = connection.execute(query).fetchall()
    if arguments.json:
        return [json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], default=str)]
    shown = [[_short(value) for value in row] for row in rows]
    table = [[column.upper().replace("_", " ") for column in COLUMNS], *shown]
    widths = [max(len(row[i]) for row in table) for i in range(len(COLUMNS))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in table]


def _short(value: object) -> str:
    if value is None:
        return "never"
    return f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "year") else str(value)
