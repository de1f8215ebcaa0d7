"""The architecture guide's own names on a database's search_path, where that is wanted."""

import re

import psycopg
from psycopg import sql

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
    row = connection.execute(statement(__package__, "own_search_path")).fetchone()
    before = row[0] if row else DEFAULT_PATH
    path = before.removesuffix(", retail, plumb")
    if is_wanted and "plumb_guide" not in re.split(r"[\s,]+", path):
        # An empty path is kept as an empty name.
        path = "plumb_guide" if path.strip('" ') == "" else f"{path}, plumb_guide"
    if path != before:
        command = "alter database {} set search_path = {}"
        connection.execute(
            sql.SQL(command).format(sql.Identifier(connection.info.dbname), sql.SQL(path))
            if path != DEFAULT_PATH
            else sql.SQL("alter database {} reset search_path").format(
                sql.Identifier(connection.info.dbname)
            )
        )
