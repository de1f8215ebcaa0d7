"""The audit log written by one function; verification says `actual`, never `found`."""

from plumbline.migrations import execute_sql_beside

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
