"""The shop in its variants: bare, with safe mode's trigger alone, and guarded in full."""

from importlib.resources import files
from pathlib import Path

import psycopg
from psycopg import sql

from ..core.migrate import migrate
from ..core.rows import fetch_value
from ..core.statements import statement
from .lab import FOLDER, Lab


def bare(lab: Lab) -> str:
    """Create the retail tables and the stock trigger, and nothing else."""
    return lab.create_database("bare", _fill_bare)


def guarded(lab: Lab) -> str:
    """Create the shop as `plumb up` guards it."""
    return lab.create_database("guarded", _fill_guarded)


def safe_mode_only(lab: Lab) -> str:
    """Create a guarded shop and leave only safe mode's trigger of ours on its tables."""
    return lab.create_database("safe_mode", _fill_safe_mode_only)


def unchained(lab: Lab) -> str:
    """Create the bare shop with a hand-written audit log: statement-level, jsonb, no chain."""
    return lab.create_database("unchained", _fill_unchained)


def unchained_rows(lab: Lab) -> str:
    """Create the bare shop with the other audit log that people write: row-level, jsonb."""
    return lab.create_database("unchained_rows", _fill_unchained_rows)


def audited(lab: Lab) -> str:
    """Create a guarded shop and leave only the audit log's triggers of ours on its tables."""
    return lab.create_database("audited", fill_audited)


def captured(lab: Lab) -> dict[str, str]:
    """Create the audited shop with changes read from the WAL, and once more with none read.

    Returns:
        The databases' connection strings, by variant; none where `wal_level` is not logical.
    """
    with psycopg.connect(lab.server_url) as connection:
        if fetch_value(connection, "show wal_level") != "logical":
            return {}
    return {
        "captured": lab.create_database("captured", _fill_captured),
        "captured, unread": lab.create_database("captured_unread", _fill_captured_unread),
    }


def others(lab: Lab) -> dict[str, str]:
    """Create the bare shop once more for each audit extension that the server has.

    pgaudit works only where the server loaded it when it started.

    Returns:
        The databases' connection strings, by the extension's name; none when none is installed.
    """
    with psycopg.connect(lab.server_url) as connection:
        installed = connection.execute(
            statement(__package__, "installed_extensions"),
            [list(_OTHERS)],
        ).fetchall()
    return {name: lab.create_database(name, _OTHERS[name]) for (name,) in sorted(installed)}


def _fill_bare(url: str) -> None:
    ensure_roles(url)
    revision = Path(str(files("plumbline.migrations"))) / "versions" / "0002_retail.sql"
    code = Path(str(files("plumbline.db")))
    functions = sorted((code / "functions" / "retail").glob("tg_*.sql"))
    with psycopg.connect(url) as connection:
        connection.execute(revision.read_text(encoding="utf-8"))
        connection.execute("set local role plumb_owner")
        for path in (*functions, code / "triggers" / "retail_stock_ledger.sql"):
            connection.execute(path.read_text(encoding="utf-8"))
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
    fill_audited(url)
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
    _fill_bare(url)
    with psycopg.connect(url) as connection:
        connection.execute((FOLDER / "unchained_audit.sql").read_text(encoding="utf-8"))


def _fill_unchained_rows(url: str) -> None:
    _fill_bare(url)
    with psycopg.connect(url) as connection:
        connection.execute((FOLDER / "unchained_rows.sql").read_text(encoding="utf-8"))


def _fill_pgaudit(url: str) -> None:
    """Let pgaudit write every changing statement to the server's log: its text, no rows."""
    _fill_bare(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create extension pgaudit")
        name = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("alter database {} set pgaudit.log = 'write'").format(name))


def _fill_table_log(url: str) -> None:
    """Let table_log keep each row's images in a table beside its own: row triggers in C."""
    _fill_bare(url)
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
        # Otherwise dropping a guard would bring it back.
        connection.execute("set local session_replication_role = replica")
        for (event_trigger,) in connection.execute(
            "select evtname from pg_event_trigger where evtname like 'plumb%'"
        ).fetchall():
            connection.execute(
                sql.SQL("alter event trigger {} disable").format(sql.Identifier(event_trigger))
            )
        others = connection.execute(
            statement(__package__, "our_triggers").format(kept=kept)
        ).fetchall()
        for name, relation in others:
            connection.execute(
                sql.SQL("drop trigger {} on {}").format(
                    sql.Identifier(name), sql.Identifier("retail", relation)
                )
            )


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
