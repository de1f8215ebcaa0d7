"""Violations may be accepted, and invariants disabled for a while."""

from plumbline.migrations import execute_sql_beside

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
