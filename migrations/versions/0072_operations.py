"""Functions that are told, or say, which operation a row of the log is."""

from plumbline.migrations import execute_sql_beside

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
