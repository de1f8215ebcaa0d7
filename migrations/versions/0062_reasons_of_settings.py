"""Settings keep who changed them and why."""

from plumbline.migrations import execute_sql_beside

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
