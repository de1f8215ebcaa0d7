"""The exact text of values that JSON does not tell apart."""

from plumbline.migrations import execute_sql_beside

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
