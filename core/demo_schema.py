"""Where the demo shop is: its SQL is written for schema `retail`, and may be put into another."""

import re
from importlib.resources import files
from pathlib import Path

import psycopg

from .errors import PlumbError
from .rows import fetch_value

WRITTEN_FOR = "retail"
# What makes its tables.
REVISIONS = ("0002_retail", "0033_money")
# Plain enough to stand in every place of the text as it is, unquoted, in a string or in a comment.
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
# Schemas of PostgreSQL and our own, and words that no identifier may be without quotation marks.
RESERVED = re.compile(r"(pg_.*|plumb|plumb_guide|plumb_rules|information_schema|public|demo)")


def check_name(schema: str) -> None:
    """Refuse a name that the shop's schema cannot have.

    Args:
        schema: The name.

    Raises:
        PlumbError: It is none.
    """
    if not NAME.fullmatch(schema) or RESERVED.fullmatch(schema):
        raise PlumbError(
            f"'{schema}' cannot be the schema of the demo shop",
            "Take small letters, digits and underlines, and no schema in use: --schema shop.",
        )


def in_schema(text: str, schema: str) -> str:
    """Return SQL of the shop for the schema in which it is.

    Args:
        text: SQL that is written for schema `retail`.
        schema: The shop's schema.
    """
    return text if schema == WRITTEN_FOR else re.sub(rf"\b{WRITTEN_FOR}\b", schema, text)


def is_of_demo(path: Path) -> bool:
    """Return whether a file of db/ belongs to the demo shop and comes with it only.

    Args:
        path: The file.
    """
    # db/invariants holds the shop's rules, db/functions/invariants the engine.
    is_rule = path.parent.name == "invariants" and path.parent.parent.name == "db"
    return is_rule or path.parent.name == WRITTEN_FOR or WRITTEN_FOR in path.stem


def present(raw: psycopg.Connection) -> str | None:
    """Return the schema in which a database holds the shop, or None.

    Args:
        raw: A connection to the database, whatever version it is at.
    """
    if fetch_value(raw, "select to_regclass('plumb.demo') is not null"):
        schema: str | None = fetch_value(raw, "select max(d.schema_name) from plumb.demo as d")
        return schema
    # Before there was a choice, every installation had it.
    return WRITTEN_FOR if is_installed(raw) else None


def is_installed(raw: psycopg.Connection) -> bool:
    """Return whether a database holds Plumbline, of whatever version.

    Args:
        raw: A connection to the database.
    """
    names = ("plumb.schema_revision", "plumb.alembic_version")
    return any(fetch_value(raw, "select to_regclass(%s) is not null", [name]) for name in names)


def chosen(raw: psycopg.Connection, wanted: str | None) -> str | None:
    """Return where the shop is to be after a migration.

    Args:
        raw: A connection to the database before it.
        wanted: The schema asked for; None for what is there.

    Raises:
        PlumbError: The shop is in another schema already, or cannot be in this one.
    """
    found = present(raw)
    if wanted and found and wanted != found:
        raise PlumbError(
            f"the demo shop is in schema {found} already; nothing was changed",
            f"./plumb demo --install --schema {found}",
        )
    if wanted and not found:
        check_name(wanted)
    return wanted or found


def create(raw: psycopg.Connection, schema: str) -> None:
    """Make the shop's tables in a database whose revisions ran without it.

    Args:
        raw: A connection to the migrated database, as the one who migrates.
        schema: The shop's schema.
    """
    versions = Path(str(files("plumbline.migrations"))) / "versions"
    for name in REVISIONS:
        text = (versions / f"{name}.sql").read_text(encoding="utf-8")
        raw.execute(in_schema(text, schema))
        raw.execute("reset role")
    raw.execute("insert into plumb.demo (schema_name) values (%s)", [schema])
