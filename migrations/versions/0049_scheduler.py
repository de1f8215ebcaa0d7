"""Lets each run of a job say what started it, and due jobs be asked for by their timeout."""

from plumbline.migrations import execute_sql_beside

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
