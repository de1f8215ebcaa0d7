"""Tables of the security engine: limits, allow-list, tokens, calls, privileges."""

from plumbline.migrations import execute_sql_beside

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
