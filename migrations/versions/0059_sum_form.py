"""Sums of tables see nulls inside of values."""

from plumbline.migrations import execute_sql_beside

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
