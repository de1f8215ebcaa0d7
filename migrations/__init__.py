"""Alembic environment: tables, types, indexes and roles; never a function body."""

from pathlib import Path
from typing import Any

from alembic import op
from plumbline.core.demo_schema import in_schema


def execute_demo_beside(revision_file: str) -> None:
    """Run the `.sql` file beside a revision of the demo shop, where the shop is to be.

    Args:
        revision_file: The revision module's `__file__`.
    """
    config = op.get_context().config
    schema = config.attributes.get("demo_schema") if config else None
    if schema:
        raw: Any = op.get_bind().connection.driver_connection
        text = demo_text(revision_file, schema)
        privileges = config.attributes.get("privileges") if config else None
        raw.execute(privileges.translate(text) if privileges else text)


def demo_text(revision_file: str, schema: str) -> str:
    """Return the SQL beside a revision of the demo shop.

    Args:
        revision_file: The revision module's `__file__`.
        schema: The shop's schema.
    """
    return in_schema(Path(revision_file).with_suffix(".sql").read_text(encoding="utf-8"), schema)


def execute_sql_beside(revision_file: str) -> None:
    """Run the `.sql` file that stands beside a revision.

    It goes through the raw psycopg connection, where neither `:name` nor `%` means anything,
    and it stays a file that sqlfluff reads.

    Args:
        revision_file: The revision module's `__file__`.
    """
    sql = Path(revision_file).with_suffix(".sql").read_text(encoding="utf-8")
    raw: Any = op.get_bind().connection.driver_connection
    config = op.get_context().config
    attributes = config.attributes if config else {}
    if "advance" in attributes:
        attributes["advance"](Path(revision_file).stem[:4])
    privileges = attributes.get("privileges")
    if privileges is None:
        raw.execute(sql)
    elif not privileges.leaves_out(Path(revision_file).stem):
        raw.execute(privileges.translate(sql))
