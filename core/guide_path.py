"""The architecture guide's own names on a database's search_path, where that is wanted."""

import re

import psycopg
from psycopg import sql

from .rows import fetch_value
from .statements import statement

# What a database has that sets none.
DEFAULT_PATH = '"$user", public'


def put_guide_on_path(connection: psycopg.Connection, is_wanted: bool) -> None:
    """Put the guide's names at the end of the database's search_path, or leave the path alone.

    Nothing else of ours is ever on a path: `drop table if exists incidents` of an application must
    not reach a table of ours. What earlier versions put there goes.

    Args:
        connection: A connection of the database's owner or a superuser.
        is_wanted: Whether schema `plumb_guide` is to be found without its name.
    """
    before = _path(connection)
    path = before.removesuffix(", retail, plumb")
    if is_wanted and "plumb_guide" not in re.split(r"[\s,]+", path):
        # An empty path is kept as an empty name.
        path = "plumb_guide" if path.strip('" ') == "" else f"{path}, plumb_guide"
    _set_path(connection, before, path)


def take_guide_off_path(connection: psycopg.Connection) -> None:
    """Take the guide's schema off the database's search_path, whoever put it there.

    Args:
        connection: A connection of the database's owner or a superuser.
    """
    before = _path(connection)
    names = [name for name in re.split(r"\s*,\s*", before) if name != "plumb_guide"]
    _set_path(connection, before, ", ".join(names) or '""')


def hidden_guide_names(connection: psycopg.Connection) -> tuple[list[str], str]:
    """Find the tables that answer in the database's sessions where a name of the guide is written.

    Args:
        connection: A session of a command.

    Returns:
        The tables, and the search_path that sessions begin with.
    """
    connection.execute("reset search_path")
    path: str = fetch_value(connection, "show search_path")
    schemas = fetch_value(connection, "select pg_catalog.current_schemas(false)")
    connection.execute("set search_path = pg_catalog, pg_temp")
    if "plumb_guide" not in schemas:
        return [], path
    before = schemas[: schemas.index("plumb_guide")]
    rows = connection.execute(statement(__package__, "guide_names_elsewhere")).fetchall()
    return [f"{schema}.{table}" for schema, table in rows if schema in before], path


def _path(connection: psycopg.Connection) -> str:
    row = connection.execute(statement(__package__, "own_search_path")).fetchone()
    path: str = row[0] if row else DEFAULT_PATH
    return path


def _set_path(connection: psycopg.Connection, before: str, path: str) -> None:
    if path == before:
        return
    name = sql.Identifier(connection.info.dbname)
    if path == DEFAULT_PATH:
        connection.execute(sql.SQL("alter database {} reset search_path").format(name))
    else:
        command = sql.SQL("alter database {} set search_path = {}")
        connection.execute(command.format(name, sql.SQL(path)))
