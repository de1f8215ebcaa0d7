"""Work that must not be done twice at once is kept apart by rows of ours."""

from plumbline.migrations import execute_sql_beside

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
