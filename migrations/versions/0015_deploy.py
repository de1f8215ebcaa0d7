"""Deployments: what was released, what was seen afterwards, and how it ended."""

from plumbline.migrations import execute_sql_beside

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
