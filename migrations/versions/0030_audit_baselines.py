"""Audited tables are followed by their identity, and compared before a baseline."""

from plumbline.migrations import execute_sql_beside

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
