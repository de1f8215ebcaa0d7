"""Reads the data for proposals: as a role without rights, read-only, in bounded time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from .catalog import Table

# One query, and all of them.
QUERY_TIMEOUT = "5s"
SECONDS_MAX = 60
# Tables with more rows are sampled.
ROWS_MAX = 100_000


class Data:
    """Answers questions about rows; what takes too long is not answered.

    Args:
        connection: A superuser's autocommit session; queries run inside plumb.inspect().
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + SECONDS_MAX
        self.unanswered = 0

    def ask(self, query: sql.Composable) -> dict[str, Any]:
        """Return the one row of a query, or nothing when it took too long or failed.

        Args:
            query: It returns one row.
        """
        wrapped = sql.SQL("select null::text, to_jsonb(q.*) from {} as q").format(
            sql.SQL("({})").format(query)
        )
        return self._value(
            "select i.value from plumb.inspect(%s) as i", [wrapped.as_string(self._connection)]
        )

    def try_rule(self, template: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return what a rule would find now.

        Args:
            template: The template.
            arguments: Its arguments, without `p_`.
        """
        return self._value("select plumb.try_rule(%s, %s)", [template, Jsonb(arguments)])

    def count(self, table: str, column: str) -> int:
        """Return how many rows of a table have a value in a column.

        Args:
            table: The table's full name.
            column: The column.
        """
        query = sql.SQL("select count({}) as filled from {}")
        found = self.ask(query.format(sql.Identifier(column), sql.SQL(table)))
        filled: int = found.get("filled", 0)
        return filled

    def _value(self, query: str, parameters: list[Any]) -> dict[str, Any]:
        if time.monotonic() > self._deadline:
            self.unanswered += 1
            return {}
        try:
            row = self._connection.execute(query, parameters).fetchone()
        except psycopg.Error:
            self.unanswered += 1
            return {}
        return (row and row[0]) or {}


@contextmanager
def readable(connection: psycopg.Connection[Any], tables: list[Table]) -> Iterator[Data]:
    """Let plumb_inspector read the tables for a while.

    Args:
        connection: A superuser's autocommit session.
        tables: What is read.
    """
    # The timeout is for questions: of hundreds of tables, the grants alone take longer.
    for table in tables:
        connection.execute("select plumb.grant_inspection(plumb.find_relation(%s))", [table.name])
    connection.execute(f"set statement_timeout = '{QUERY_TIMEOUT}'")
    try:
        yield Data(connection)
    finally:
        connection.execute("set statement_timeout = 0")
        for table in tables:
            connection.execute(
                "select plumb.revoke_inspection(plumb.find_relation(%s))", [table.name]
            )


def rows_of(table: Table) -> sql.Composable:
    """Return what stands after FROM for a table: a sample of it when it is large.

    Args:
        table: The table.
    """
    name = sql.SQL(table.name)
    if table.row_estimate <= ROWS_MAX:
        return name
    share = sql.Literal(round(100 * ROWS_MAX / table.row_estimate, 4))
    return sql.SQL("{} tablesample system ({})").format(name, share)
