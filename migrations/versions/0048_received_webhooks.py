"""Acknowledgements from PagerDuty and Slack, and tokens that only record."""

from plumbline.migrations import execute_sql_beside

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
