"""A weight that is no number cannot turn the drift score green."""

from plumbline.migrations import execute_sql_beside

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
