"""Who calls over HTTP requests a report within a limit."""

from plumbline.migrations import execute_sql_beside

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
