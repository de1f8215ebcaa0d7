"""The sections of a report return their status and their sentences."""

from plumbline.migrations import execute_sql_beside

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
