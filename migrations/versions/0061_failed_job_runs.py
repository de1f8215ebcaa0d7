"""An index finds the runs of jobs that failed."""

from plumbline.migrations import execute_sql_beside

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
