"""Counts, while `plumb test --coverage` runs, which statements of PL/pgSQL functions ran."""

import json
import os
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

# A trigger's and an overloaded function's file bears the name without arguments. What has been
# read is forgotten in this database only: a reset of everything would take the profile of all
# other databases of the cluster with it. Functions that did not run are read once for a run, at
# its end: reading all takes ten times as long.
STATEMENTS = """
with ran as (
    select f.funcoid as oid from profiler.plpgsql_profiler_functions_all() as f
),

functions as (
    select p.oid, p.pronamespace::regnamespace || '.' || p.proname as name
    from pg_proc as p
    inner join pg_language as l on l.oid = p.prolang and l.lanname = 'plpgsql'
    inner join pg_namespace as n on n.oid = p.pronamespace and n.nspname in ('plumb', 'retail')
    where %(all)s or p.oid in (select r.oid from ran as r)
),

counted as materialized (
    select f.oid, f.name, s.lineno, bool_or(s.exec_stmts + s.exec_stmts_err > 0) as has_run
    from functions as f
    cross join lateral profiler.plpgsql_profiler_function_statements_tb(f.oid) as s
    group by f.oid, f.name, s.lineno
),

forgotten as materialized (
    select count(profiler.plpgsql_profiler_reset(c.oid)::text)
    from (select distinct c.oid from counted as c where c.has_run) as c
)

select c.name, c.lineno, bool_or(c.has_run)
from counted as c
cross join forgotten
group by c.name, c.lineno
"""
DATABASES = "select d.datname from pg_database as d where d.datallowconn"


class SqlCoverage:
    """What ran in the databases of one worker's tests; counts nothing without the variable."""

    def __init__(self) -> None:
        """Find out whether anything is to be counted."""
        folder = os.environ.get("PLUMB_SQL_COVERAGE")
        self._path = folder and Path(folder) / f"sql-{os.getpid()}.json"
        self._lines: dict[tuple[str, int], bool] = {}

    def prepare(self, url: str) -> None:
        """Make a template able to say what ran: doing so in each of its copies takes longer.

        Args:
            url: The template's superuser's URL.
        """
        if self._path:
            with psycopg.connect(url, autocommit=True) as connection:
                self._install(connection)

    def _install(self, connection: psycopg.Connection) -> None:
        connection.execute("create schema if not exists profiler")
        connection.execute("create extension if not exists plpgsql_check schema profiler")

    def collect(self, url: str, with_unused: bool = False) -> None:
        """Add what ran in a database that is about to be dropped.

        Args:
            url: Its superuser's URL.
            with_unused: Add the statements of functions that did not run as well.
        """
        if not self._path:
            return
        # A test may have left the database in any state.
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            self._install(connection)
            for function, line, has_run in connection.execute(STATEMENTS, {"all": with_unused}):
                key = (function, line)
                self._lines[key] = self._lines.get(key, False) or bool(has_run)

    def write(self, url: str) -> None:
        """Add what ran in the cluster's other databases, and write it all.

        Args:
            url: A superuser's URL of the cluster.
        """
        if self._path:
            with psycopg.connect(url, autocommit=True) as connection:
                names = [name for (name,) in connection.execute(DATABASES)]
            for name in names:
                self.collect(make_conninfo(url, dbname=name), with_unused=True)
            rows = [[function, line, ran] for (function, line), ran in self._lines.items()]
            self._path.write_text(json.dumps(rows), "utf-8")


SQL_COVERAGE = SqlCoverage()
