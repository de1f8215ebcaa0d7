"""What is read from the WAL becomes blocks at once."""

from plumbline.migrations import execute_sql_beside

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
