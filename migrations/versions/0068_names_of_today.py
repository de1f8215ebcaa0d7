"""Names and descriptions that an earlier version gave and later ones only give anew."""

from plumbline.migrations import execute_sql_beside

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
