"""Counts, while `plumb test --coverage` runs, which statements of PL/pgSQL functions ran."""

import json
import os
from contextlib import suppress
from pathlib import Path

import psycopg

# A trigger's and an overloaded function's file bears the name without arguments.
STATEMENTS = """
select p.pronamespace::regnamespace || '.' || p.proname, s.lineno, bool_or(s.exec_stmts > 0)
from pg_proc as p
inner join pg_language as l on l.oid = p.prolang and l.lanname = 'plpgsql'
cross join lateral plpgsql_profiler_function_statements_tb(p.oid) as s
where p.pronamespace in (select n.oid from pg_namespace as n where n.nspname in ('plumb', 'retail'))
group by 1, 2
"""


class SqlCoverage:
    """What ran in the databases of one worker's tests; counts nothing without the variable."""

    def __init__(self) -> None:
        """Find out whether anything is to be counted."""
        folder = os.environ.get("PLUMB_SQL_COVERAGE")
        self._path = folder and Path(folder) / f"sql-{os.getpid()}.json"
        self._lines: dict[tuple[str, int], bool] = {}

    def collect(self, url: str) -> None:
        """Add what ran in a database that is about to be dropped.

        Args:
            url: Its superuser's URL.
        """
        if not self._path:
            return
        # A test may have left the database in any state.
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create schema if not exists profiler")
            connection.execute("create extension if not exists plpgsql_check schema profiler")
            connection.execute("set search_path = public, profiler")
            for function, line, has_run in connection.execute(STATEMENTS):
                key = (function, line)
                self._lines[key] = self._lines.get(key, False) or has_run
            connection.execute("select plpgsql_profiler_reset_all()")

    def write(self) -> None:
        """Write what was counted."""
        if self._path:
            rows = [[function, line, ran] for (function, line), ran in self._lines.items()]
            self._path.write_text(json.dumps(rows), "utf-8")


SQL_COVERAGE = SqlCoverage()
