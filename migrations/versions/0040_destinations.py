"""Alerts reach Teams, mail, Alertmanager and pings; P4 pages nobody by default."""

from plumbline.migrations import execute_sql_beside

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
