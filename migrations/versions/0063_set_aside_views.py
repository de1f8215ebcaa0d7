"""The text of invariants' views that are set aside for DDL."""

from plumbline.migrations import execute_sql_beside

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
