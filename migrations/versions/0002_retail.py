"""The reference shop."""

from plumbline.migrations import execute_demo_beside

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file where the shop is to be."""
    execute_demo_beside(__file__)
