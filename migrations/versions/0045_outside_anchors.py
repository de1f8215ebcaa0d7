"""An anchor counts only where something outside accepted it."""

from plumbline.migrations import execute_sql_beside

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
