"""What is secret in an address is kept where readers do not see it."""

from plumbline.migrations import execute_sql_beside

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
