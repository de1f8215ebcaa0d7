"""${message}."""

from plumbline.migrations import execute_sql_beside

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
