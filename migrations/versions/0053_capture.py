"""Audited tables may be captured from the write-ahead log instead of by row triggers."""

from plumbline.migrations import execute_sql_beside

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
