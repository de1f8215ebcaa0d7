"""Tables of alert delivery: destinations, deliveries, silences, inhibitions, floods."""

from plumbline.migrations import execute_sql_beside

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    execute_sql_beside(__file__)
