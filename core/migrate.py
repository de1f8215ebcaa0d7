"""Brings a database's tables and code to this version, in one transaction or not at all.

Tables are migrated by Alembic; code (functions, views, triggers, invariants, jobs) is
re-applied from db/ every time, so what runs is what the files say. Anything in schema
`plumb` that no file declares is refused: leftovers are where old behaviour hides.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from . import demo_schema as shops
from . import privileges
from .environment import apply_environment, connect_destinations
from .errors import PlumbError
from .explain import first_line
from .extensions import OPTIONAL_EXTENSIONS, install_extensions
from .guide_path import put_guide_on_path
from .privileges import Privileges
from .progress import progress, statement_progress
from .revisions import alembic_config, head_revision, pending_revisions
from .rows import fetch_value
from .script import APPLIED, Applied, ScriptIsWritten
from .session import UTF8_HINT, encoding_fault, open_session
from .statements import statement

Report = Callable[[str], None]

# Longest wait for a lock, and for the jobs that run.
LOCK_SECONDS_MAX = 10
# Longest wait for another migration.
TURN_SECONDS_MAX = 60
# A job may need what the migration locks, and the other way round: one of them is asked to stop.
ATTEMPTS_MAX = 10
# Before the next attempt, so that it does not meet the same statement.
PAUSE_SECONDS = 0.3
RECORD_EXTENSION = "insert into plumb.installed_extensions values (%s) on conflict do nothing"
CODE_FOLDERS = (
    "roles",
    "functions",
    "settings",
    "views",
    "triggers",
    "invariants",
    "jobs",
    "comments",
    "guide",
)


def migrate(
    database_url: str,
    report: Report = print,
    has_guide_names: bool = False,
    demo_schema: str | None = None,
    script: Applied = APPLIED,
) -> None:
    """Bring a database to this version's schema and code.

    Args:
        database_url: A libpq URL of a superuser on PostgreSQL 15 or newer.
        report: Receives one line per thing worth reporting.
        has_guide_names: Whether the architecture guide's tables are found without a schema, as
            on the private cluster.
        demo_schema: Where to put the demo shop; where it is, if it is there, when None.
        script: Receives the statements, all of which are then rolled back.

    Raises:
        PlumbError: The database cannot be reached, is locked, or refuses a statement; it is
            left exactly as it was.
    """
    try:
        with _without_jobs(database_url, report):
            for attempts_left in reversed(range(ATTEMPTS_MAX)):
                try:
                    _migrate_once(database_url, report, has_guide_names, demo_schema, script)
                    break
                except psycopg.errors.DeadlockDetected:
                    if not attempts_left:
                        raise
                    time.sleep(PAUSE_SECONDS)
            _wake_scheduler(database_url)
    except ScriptIsWritten:
        return
    except psycopg.Error as error:
        raise _explain(error, database_url) from error
    report(f"schema at revision {head_revision()}, code applied")


@contextmanager
def _without_jobs(database_url: str, report: Report) -> Iterator[None]:
    """Let the jobs that run come to their end, and keep others and migrations from beginning."""
    with open_session(database_url, "plumb migrate", autocommit=True) as connection:
        _require_utf8(connection)
        if shops.is_installed(connection):
            privileges.refuse_other_installer(connection)
        has_claims = fetch_value(
            connection, "select to_regprocedure('plumb.claim(text)') is not null"
        )
        if not has_claims:
            yield
            return
        if not _claim(connection):
            holder = fetch_value(connection, "select plumb.describe_holder('migration')")
            raise PlumbError(
                f"another migration runs: {holder}; nothing was changed",
                "Wait for it, or end its session with pg_terminate_backend().",
            )
        try:
            _wait_for_jobs(connection, report)
            yield
        finally:
            with suppress(psycopg.Error):
                connection.execute("select plumb.release('migration')")


def _claim(connection: psycopg.Connection) -> bool:
    deadline = time.monotonic() + TURN_SECONDS_MAX
    while not fetch_value(connection, "select plumb.claim('migration')"):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _wait_for_jobs(connection: psycopg.Connection, report: Report) -> None:
    deadline = time.monotonic() + LOCK_SECONDS_MAX
    query = statement(__package__, "running_jobs")
    while running := fetch_value(connection, query):
        if time.monotonic() > deadline:
            report(f"still running after {LOCK_SECONDS_MAX} s: {running}")
            return
        time.sleep(0.1)


def _migrate_once(
    database_url: str,
    report: Report,
    has_guide_names: bool,
    wanted: str | None,
    script: Applied,
) -> None:
    try:
        with _raw_transaction(database_url) as (connection, raw):
            script.record(raw)
            _wait_for_other_migrations(raw)
            rights = privileges.examine(raw)
            _refuse_foreign_schema(raw)
            is_new = not shops.is_installed(raw)
            shop = shops.chosen(raw, wanted)
            found = shop if is_new else shops.present(raw)
            _create_schema(raw, is_new and rights.is_superuser)
            # In the order in which sealing takes its locks.
            if fetch_value(raw, "select to_regclass('plumb.locks') is not null"):
                raw.execute("select plumb.lock_section('audit log')")
            raw.execute(rights.translate(statement(__package__, "lock_written_tables")))
            _permit_guarded_ddl(raw)
            if fetch_value(raw, "select to_regclass('plumb.alembic_version') is not null"):
                # Its name until revision 0030, which tools take for the application's own.
                raw.execute("alter table plumb.alembic_version rename to schema_revision")
            _disable_event_triggers(raw)
            # What event triggers of the release before do may stand in the way of an extension.
            created, absent = install_extensions(raw)
            for missing in absent:
                report(f"without {missing}: {OPTIONAL_EXTENSIONS[missing]}")
            revisions = pending_revisions(raw)
            with (
                progress("migrating", len(revisions) + len(code_files())) as advance,
                statement_progress(database_url, raw.info.backend_pid, advance),
            ):
                config = alembic_config(connection, found, rights)
                config.attributes["advance"] = lambda name: advance(
                    revisions.index(name), f"revision {name}"
                )
                command.upgrade(config, "head")
                if shop and not found:
                    shops.create(raw, shop)
                _permit_guarded_ddl(raw)
                privileges.record(raw, rights)
                _apply_code(
                    raw, shop, rights, lambda done, now: advance(len(revisions) + done, now)
                )
            privileges.revoke_from_public(raw, rights)
            _refuse_orphans(raw)
            raw.cursor().executemany(RECORD_EXTENSION, [(name,) for name in created])
            _configure(raw, rights, report, script)
            put_guide_on_path(raw, has_guide_names)
            raw.execute("select plumb.forbid_guarded_ddl()")
            script.finish()
    except DBAPIError as error:
        raise error.orig or error from error


def _wait_for_other_migrations(raw: psycopg.Connection) -> None:
    """Let one migration at a time go on, also before there is a table of ours."""
    # A stored procedure's body may name what a later file creates.
    raw.execute("set local check_function_bodies = off")
    raw.execute(f"set local lock_timeout = '{TURN_SECONDS_MAX}s'")
    # Only superusers can lock this row; anybody could hold an advisory lock.
    if raw.info.parameter_status("is_superuser") == "on":
        raw.execute("select from pg_catalog.pg_namespace where nspname = 'pg_catalog' for update")
    raw.execute(f"set local lock_timeout = '{LOCK_SECONDS_MAX}s'")
    raw.execute("set local client_min_messages = warning")


def _configure(
    raw: psycopg.Connection, rights: Privileges, report: Report, script: Applied
) -> None:
    """Record the release, and bring settings, destinations and the jobs' role in line with it."""
    raw.execute("select plumb.record_release(%s)", [head_revision()])
    for (line,) in raw.execute("select plumb.reset_unfit_settings()").fetchall():
        report(line)
    apply_environment(raw)
    if script.is_applied:
        connect_destinations(raw)
    if rights.is_superuser:
        raw.execute("select plumb.set_worker_settings()")
    for line in privileges.lacks(raw):
        report(line)


def _wake_scheduler(database_url: str) -> None:
    """Let pg_cron read its table again.

    It can miss that a large transaction changed its jobs, and go on by their old schedule.
    """
    with open_session(database_url, "plumb migrate") as connection:
        if fetch_value(connection, "select to_regclass('cron.job')"):
            connection.execute(statement(__package__, "wake_scheduler"))


def _permit_guarded_ddl(raw: psycopg.Connection) -> None:
    """Let this transaction attach triggers to guarded tables even while safe mode is on."""
    if fetch_value(raw, "select to_regclass('plumb.guarded_ddl_permits') is not null"):
        raw.execute(statement(__package__, "permit_guarded_ddl"))


def _disable_event_triggers(raw: psycopg.Connection) -> None:
    """Keep the version before from watching the revisions, which drop what its functions call.

    Applying the code makes the event triggers anew.
    """
    rows = raw.execute("select evtname from pg_event_trigger where evtname like 'plumb\\_%'")
    for (name,) in rows.fetchall():
        raw.execute(sql.SQL("alter event trigger {} disable").format(sql.Identifier(name)))


def _refuse_foreign_schema(raw: psycopg.Connection) -> None:
    """Refuse a schema plumb with objects of others: an uninstall would drop them."""
    is_ours = shops.is_installed(raw)
    if not is_ours and fetch_value(raw, statement(__package__, "foreign_schema")):
        raise PlumbError(
            f"database {raw.info.dbname} has a schema plumb with objects that are not Plumbline's;"
            " nothing was changed",
            "Rename it: alter schema plumb rename to another_name;",
        )


def _create_schema(raw: psycopg.Connection, is_made_anew: bool) -> None:
    """Create schema plumb; an empty one that is made anew keeps no right that was given on it."""
    if is_made_anew:
        raw.execute("drop schema if exists plumb")
    raw.execute("create schema if not exists plumb")


def _require_utf8(raw: psycopg.Connection) -> None:
    fault = encoding_fault(raw)
    if fault:
        raise PlumbError(f"{fault}; nothing was changed", UTF8_HINT)


@contextmanager
def _raw_transaction(database_url: str) -> Iterator[tuple[Any, psycopg.Connection]]:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: open_session(database_url, "plumb migrate"),
        poolclass=NullPool,
    )
    with engine.connect() as connection, connection.begin():
        raw: Any = connection.connection.driver_connection
        yield connection, raw


def code_files() -> list[Path]:
    """Return every file of db/ in the order in which it is applied."""
    root = Path(str(files("plumbline.db")))
    return [path for folder in CODE_FOLDERS for path in sorted((root / folder).rglob("*.sql"))]


def _apply_code(
    raw: psycopg.Connection,
    shop: str | None,
    rights: Privileges,
    advance: Callable[[int, str], None],
) -> None:
    has_python = raw.execute("select 1 from pg_language where lanname = 'plpython3u'").fetchone()
    _drop_views(raw)
    for position, path in enumerate(code_files()):
        advance(position, _name(path))
        if path.name.startswith("py_") and not has_python:
            continue
        is_shop = shops.is_of_demo(path)
        if (is_shop and not shop) or rights.leaves_out(path.stem):
            continue
        raw.execute(rights.translate("set local role plumb_owner"))
        try:
            text = path.read_text(encoding="utf-8")
            text = shops.in_schema(text, shop) if shop and is_shop else text
            raw.execute(rights.translate(text))
        except psycopg.Error as error:
            error.add_note(f"while applying db/{_name(path)}")
            raise
    raw.execute("reset role")


def _name(path: Path) -> str:
    return path.relative_to(Path(str(files("plumbline.db")))).as_posix()


def _drop_views(raw: psycopg.Connection) -> None:
    """Drop all our views in one statement, so that their order does not matter.

    There is no CASCADE: a view of the user's own that reads one of ours stops the
    migration with its name instead of vanishing.
    """
    rows = raw.execute(statement(__package__, "our_views")).fetchall()
    if rows:
        names = sql.SQL(", ").join(sql.Identifier(*row) for row in rows)
        raw.execute(sql.SQL("drop view {}").format(names))


def _refuse_orphans(raw: psycopg.Connection) -> None:
    rows = raw.execute("select plumb.undeclared_objects()").fetchall()
    if rows:
        names = ", ".join(name for (name,) in rows)
        raise PlumbError(
            f"schema plumb holds objects that no file of db/ declares: {names}",
            "Drop them, or move your own objects to a schema of yours, and migrate again.",
        )


def _lock_holders(database_url: str) -> str:
    """Name the sessions and prepared transactions that hold locks, the oldest first."""
    query = statement(__package__, "lock_holders")
    try:
        with open_session(database_url, "plumb migrate") as connection:
            return fetch_value(connection, query) or "no session any more"
    except psycopg.Error:
        return "unknown"


def _explain(error: psycopg.Error, database_url: str) -> PlumbError:
    notes = "; ".join(getattr(error, "__notes__", []))
    message = first_line(error)
    hint = error.diag.message_hint or ""
    if isinstance(error, psycopg.errors.LockNotAvailable):
        hint = (
            f"Another session holds a lock for more than {LOCK_SECONDS_MAX} s. Sessions with locks:"
            f" {_lock_holders(database_url)}. Let them end, or end them, and try again."
        )
    elif isinstance(error, psycopg.errors.DependentObjectsStillExist):
        hint = f"{error.diag.message_detail} Drop or move what depends on it and migrate again."
    elif isinstance(error, psycopg.errors.DuplicateSchema):
        hint = "Let the demo shop have another: ./plumb demo --install --schema NAME"
    elif isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        hint = "Is the server running, and does DATABASE_URL point to it?"
    where = f" ({notes})" if notes else ""
    if os.environ.get("PLUMB_DEBUG") and error.diag.context:
        where += "\n" + re.sub("^", "    ", error.diag.context, flags=re.M)
    return PlumbError(f"{message}{where}; nothing was changed", hint)
