"""The shop in its variants: bare, with safe mode's trigger alone, and guarded in full."""

from importlib.resources import files
from pathlib import Path

import psycopg
from plumbline.bench._lab import FOLDER, Lab
from plumbline.cli.migrate import migrate
from psycopg import sql


def bare(lab: Lab) -> str:
    """Create the retail tables and the stock trigger, and nothing else.

    Args:
        lab: Where.

    Returns:
        The database's connection string.
    """
    return lab.create_database("bare", _fill_bare)


def guarded(lab: Lab) -> str:
    """Create the shop as `plumb up` guards it.

    Args:
        lab: Where.

    Returns:
        The database's connection string.
    """
    return lab.create_database("guarded", _fill_guarded)


def safe_mode_only(lab: Lab) -> str:
    """Create a guarded shop and leave only safe mode's trigger of ours on its tables.

    Args:
        lab: Where.

    Returns:
        The database's connection string.
    """
    return lab.create_database("safe_mode", _fill_safe_mode_only)


def _fill_bare(url: str) -> None:
    ensure_roles(url)
    revision = Path(str(files("plumbline.migrations"))) / "versions" / "0002_retail.sql"
    trigger = Path(str(files("plumbline.db"))) / "triggers" / "retail_stock_ledger.sql"
    with psycopg.connect(url) as connection:
        connection.execute(revision.read_text(encoding="utf-8"))
        connection.execute("set local role plumb_owner")
        connection.execute(trigger.read_text(encoding="utf-8"))
    _stock(url)


def _fill_guarded(url: str) -> None:
    migrate(url, report=lambda _line: None)
    _stock(url)


def _fill_safe_mode_only(url: str) -> None:
    migrate(url, report=lambda _line: None)
    with psycopg.connect(url) as connection:
        others = connection.execute(
            "select tgname, tgrelid::regclass::text from pg_trigger where not tgisinternal"
            " and tgname <> 'plumb_safe_mode' and tgrelid in"
            " (select oid from pg_class where relnamespace = 'retail'::regnamespace) and tgfoid in"
            " (select oid from pg_proc where pronamespace = 'plumb'::regnamespace)"
        ).fetchall()
        for name, relation in others:
            connection.execute(
                sql.SQL("drop trigger {} on {}").format(
                    sql.Identifier(name), sql.Identifier(*relation.rsplit(".", 1))
                )
            )
    _stock(url)


def ensure_roles(url: str) -> None:
    """Create the roles that own and use the retail tables, if no migration has done it.

    Args:
        url: Any database of the server.
    """
    with psycopg.connect(url) as connection:
        for role in ("plumb_owner", "plumb_reader", "retail_app"):
            if not connection.execute("select to_regrole(%s)", [role]).fetchone()[0]:
                connection.execute(sql.SQL("create role {}").format(sql.Identifier(role)))


def _stock(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute((FOLDER / "stock.sql").read_text(encoding="utf-8"))
