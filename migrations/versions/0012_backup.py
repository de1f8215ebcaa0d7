"""Backups and the drills that prove them: their catalog, the agent, index checks."""

from plumbline.migrations import execute_sql_beside

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
