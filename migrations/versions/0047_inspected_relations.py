"""The inspector reads again only what it needs."""

from plumbline.migrations import execute_sql_beside

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
