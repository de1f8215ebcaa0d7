"""The shop in its variants: bare, with safe mode's trigger alone, and guarded in full."""

import psycopg
from psycopg import sql

from ..core.migrate import migrate
from ..core.rows import fetch_value
from ..core.statements import statement
from .lab import FOLDER, Lab

# What others are copies of; it has to be made before them.
_BARE, _AUDITED = "plumb_bench_bare", "plumb_bench_audited"


def bare(lab: Lab) -> str:
    """Create the shop and take everything of ours out of it again."""
    return lab.create_database("bare", _fill_bare)


def guarded(lab: Lab) -> str:
    """Create the shop as `plumb up` guards it."""
    return lab.create_database("guarded", _fill_guarded)


def safe_mode_only(lab: Lab) -> str:
    """Create a guarded shop and leave only safe mode's trigger of ours on its tables."""
    return lab.create_database("safe_mode", _fill_safe_mode_only)


def unchained(lab: Lab) -> str:
    """Copy the bare shop and add a hand-written audit log: statement-level, jsonb, no chain."""
    return lab.create_database("unchained", _fill_unchained, _BARE)


def unchained_rows(lab: Lab) -> str:
    """Copy the bare shop and add the other audit log that people write: row-level, jsonb."""
    return lab.create_database("unchained_rows", _fill_unchained_rows, _BARE)


def audited(lab: Lab) -> str:
    """Create a guarded shop and leave only the audit log's triggers of ours on its tables."""
    return lab.create_database("audited", fill_audited)


def captured(lab: Lab) -> dict[str, str]:
    """Copy the audited shop, with changes read from the WAL, and once more with none read.

    Returns:
        The databases' connection strings, by variant; none where `wal_level` is not logical.
    """
    with psycopg.connect(lab.server_url) as connection:
        if fetch_value(connection, "show wal_level") != "logical":
            return {}
    return {
        "captured": lab.create_database("captured", _fill_captured, _AUDITED),
        "captured, unread": lab.create_database("captured_unread", _fill_captured_unread, _AUDITED),
    }


def others(lab: Lab) -> dict[str, str]:
    """Copy the bare shop once more for each audit extension that the server has.

    pgaudit works only where the server loaded it when it started.

    Returns:
        The databases' connection strings, by the extension's name; none when none is installed.
    """
    with psycopg.connect(lab.server_url) as connection:
        installed = connection.execute(
            statement(__package__, "installed_extensions"),
            [list(_OTHERS)],
        ).fetchall()
    return {name: lab.create_database(name, _OTHERS[name], _BARE) for (name,) in sorted(installed)}


def _fill_bare(url: str) -> None:
    migrate(url, report=lambda _line: None, demo_schema="retail")
    with psycopg.connect(url) as connection:
        _disable_event_triggers(connection)
        # The tables are the same, so that nothing is counted as a guard's that is the shop's own.
        connection.execute("drop schema plumb cascade")
    _stock(url)


def _fill_guarded(url: str) -> None:
    migrate(url, report=lambda _line: None, demo_schema="retail")
    _stock(url)


def _fill_safe_mode_only(url: str) -> None:
    migrate(url, report=lambda _line: None, demo_schema="retail")
    _keep_triggers(url, "tgname = 'plumb_safe_mode'")
    _stock(url)


def fill_audited(url: str) -> None:
    """Fill a database with the shop, guarded by nothing of ours but the audit log."""
    migrate(url, report=lambda _line: None, demo_schema="retail")
    _keep_triggers(url, "tgname <> 'plumb_safe_mode'")
    _stock(url)


def _fill_captured(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for (relation,) in connection.execute(
            "select relation from plumb.audited_tables order by relation"
        ).fetchall():
            connection.execute(
                "select plumb.audit_table(%s::regclass, capture => 'wal')", [relation]
            )


def _fill_captured_unread(url: str) -> None:
    _fill_captured(url)
    with psycopg.connect(url, autocommit=True) as connection:
        # Nobody reads it, so that it would keep all WAL of the server.
        connection.execute("select plumb.drop_slot()")


def _fill_unchained(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute((FOLDER / "unchained_audit.sql").read_text(encoding="utf-8"))


def _fill_unchained_rows(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute((FOLDER / "unchained_rows.sql").read_text(encoding="utf-8"))


def _fill_pgaudit(url: str) -> None:
    """Let pgaudit write every changing statement to the server's log: its text, no rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create extension pgaudit")
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("alter database {} set pgaudit.log = 'write'").format(name))


def _fill_table_log(url: str) -> None:
    """Let table_log keep each row's images in a table beside its own: row triggers in C."""
    with psycopg.connect(url) as connection:
        connection.execute("create extension table_log with schema public")
        connection.execute("create schema log")
        connection.execute("set local search_path = public, pg_catalog")
        connection.execute(statement(__package__, "log_tables"))
        # It writes with the rights of the role that changed the row.
        connection.execute("grant usage on schema log to public")
        connection.execute("grant insert on all tables in schema log to public")
        connection.execute("grant usage on all sequences in schema log to public")


_OTHERS = {"pgaudit": _fill_pgaudit, "table_log": _fill_table_log}


def _keep_triggers(url: str, kept: str) -> None:
    """Drop our triggers on the shop's tables, but for those that a condition of ours keeps."""
    with psycopg.connect(url) as connection:
        _disable_event_triggers(connection)
        others = connection.execute(
            statement(__package__, "our_triggers").format(kept=kept)
        ).fetchall()
        for name, relation in others:
            connection.execute(
                sql.SQL("drop trigger {} on {}").format(
                    sql.Identifier(name), sql.Identifier("retail", relation)
                )
            )


def _disable_event_triggers(connection: psycopg.Connection) -> None:
    """Keep guards that are dropped from coming back, in this transaction and later."""
    connection.execute("set local session_replication_role = replica")
    for (name,) in connection.execute(
        "select evtname from pg_event_trigger where evtname like 'plumb%'"
    ).fetchall():
        connection.execute(sql.SQL("alter event trigger {} disable").format(sql.Identifier(name)))


def ensure_roles(url: str) -> None:
    """Create the roles that own and use the retail tables, if no migration has done it.

    Args:
        url: Any database of the server.
    """
    with psycopg.connect(url) as connection:
        for role in ("plumb_owner", "plumb_reader", "retail_app"):
            if not fetch_value(connection, "select to_regrole(%s)", [role]):
                connection.execute(sql.SQL("create role {}").format(sql.Identifier(role)))


def _stock(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute((FOLDER / "stock.sql").read_text(encoding="utf-8"))
