"""The last run of a job is found without walking through others; blocks tell by whom."""

from plumbline.migrations import execute_sql_beside

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
