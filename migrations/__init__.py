"""Alembic environment: tables, types, indexes and roles; never a function body."""

from pathlib import Path
from typing import Any

from alembic import op


def execute_sql_beside(revision_file: str) -> None:
    """Run the `.sql` file that stands beside a revision.

    It goes through the raw psycopg connection, where neither `:name` nor `%` means anything,
    and it stays a file that sqlfluff reads.

    Args:
        revision_file: The revision module's `__file__`.
    """
    sql = Path(revision_file).with_suffix(".sql").read_text(encoding="utf-8")
    raw: Any = op.get_bind().connection.driver_connection
    raw.execute(sql)
