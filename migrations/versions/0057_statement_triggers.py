"""Statements are recorded as a whole, and rows where logical replication applies them."""

from plumbline.migrations import execute_sql_beside

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
