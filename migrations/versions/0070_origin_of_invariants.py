"""Within which database the OIDs of an invariant mean something."""

from plumbline.migrations import execute_sql_beside

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
