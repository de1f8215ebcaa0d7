"""The audit log's second form: writers record, the sealer chains."""

from plumbline.migrations import execute_sql_beside

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
