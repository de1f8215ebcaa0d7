"""What was wrong when a rule was declared is its baseline."""

from plumbline.migrations import execute_sql_beside

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
