"""Keeps in mind which extensions Plumbline created."""

from plumbline.migrations import execute_sql_beside

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
