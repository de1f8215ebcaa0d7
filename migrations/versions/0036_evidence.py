"""Reopened incidents keep their earlier evidence; blame follows the next seal."""

from plumbline.migrations import execute_sql_beside

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
