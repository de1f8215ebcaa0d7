"""Tables of the request, security, performance, backup and deployment engines."""

from plumbline.migrations import execute_sql_beside

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
