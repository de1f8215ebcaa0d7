"""A migration as one script: its statements are recorded while they run, and rolled back."""

import re
from pathlib import Path
from typing import Any

import psycopg

from .session import SETTINGS
from .statements import statement

HEAD = """\\set ON_ERROR_STOP on
\\o /dev/null
-- Written by ./plumb migrate --sql for database {database} as it is now, to be read and then run by
-- the role {role}: psql -f {name} {database}
-- It is one transaction. Addresses and keys of alerts are not in it: ./plumb migrate sets them.
begin;
"""
# What only reads the catalog decides what is written, and is no part of it.
ONLY_READS = re.compile(r"\s*select\b(?!\s+plumb\.)[^;]*;?\s*", re.IGNORECASE)
OF_SAVEPOINTS = re.compile(r"\s*(savepoint|release|rollback to)\b", re.IGNORECASE)
COMMENT = re.compile(r"^\s*--[^\n]*\n", re.MULTILINE)


class ScriptIsWritten(Exception):
    """Everything was recorded: the transaction is to be rolled back."""


class Applied:
    """No script: the statements of a transaction are to be committed."""

    is_applied = True

    def record(self, connection: psycopg.Connection) -> None:
        """Record nothing.

        Args:
            connection: The connection.
        """

    def finish(self) -> None:
        """Let the transaction be committed."""


APPLIED = Applied()


class Script(Applied):
    """Records the statements of a transaction, which is rolled back then."""

    is_applied = False

    def __init__(self) -> None:
        """Begin with nothing."""
        self._texts: list[str] = []
        self._database = self._role = ""

    def record(self, connection: psycopg.Connection) -> None:
        """Record what is executed on a connection from now on.

        Args:
            connection: The connection.
        """
        self._texts.clear()
        self._database, self._role = connection.info.dbname, connection.info.user
        texts = self._texts

        class Cursor(psycopg.ClientCursor[Any]):
            """A cursor that keeps the statements which went well, with their values."""

            def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
                """Execute a statement, and keep it."""
                text = self.mogrify(query, params)
                super().execute(query, params, **options)
                texts.append(text)
                return self

        connection.cursor_factory = Cursor

    def finish(self) -> None:
        """Let the transaction be rolled back.

        Raises:
            ScriptIsWritten: Always.
        """
        raise ScriptIsWritten

    def write(self, path: Path) -> int:
        """Write the script.

        Args:
            path: The file.

        Returns:
            How many statements and files of statements it holds.
        """
        tried = statement(__package__, "try_event_trigger")
        kept = [
            text.strip().rstrip(";")
            for text in self._texts
            if text != tried
            and not OF_SAVEPOINTS.match(text)
            and not ONLY_READS.fullmatch(COMMENT.sub("", text))
        ]
        head = HEAD.format(database=self._database, role=self._role, name=path.name)
        settings = [f"set local {name} = {value}" for name, value in SETTINGS.items()]
        path.write_text(head + ";\n\n".join([*settings, *kept, "commit"]) + ";\n", "utf-8")
        return len(kept)
