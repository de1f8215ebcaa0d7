"""Invariants may be enforced when a statement ends."""

from plumbline.migrations import execute_sql_beside

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
