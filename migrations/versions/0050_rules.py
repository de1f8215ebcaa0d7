"""Invariants may be declared by templates."""

from plumbline.migrations import execute_sql_beside

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
