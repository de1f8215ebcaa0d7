"""A quick look at the whole audit log, an exact one at what is doubtful."""

from plumbline.migrations import execute_sql_beside

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
