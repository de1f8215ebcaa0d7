"""The role that runs the jobs is no member of the owner."""

from plumbline.migrations import execute_sql_beside

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
