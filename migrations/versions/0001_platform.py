"""Roles, schema, settings, jobs and releases."""

from plumbline.migrations import execute_sql_beside

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
