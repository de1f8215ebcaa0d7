"""Whether an overdue run obeys its cancel."""

from plumbline.migrations import execute_sql_beside

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
