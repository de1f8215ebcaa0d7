"""Invariants follow renamed tables, and are checked at commit beside them."""

from plumbline.migrations import execute_sql_beside

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
