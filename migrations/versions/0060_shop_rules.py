"""Three invariants of the demo shop are declared by templates; what was accepted stays."""

from plumbline.migrations import execute_demo_beside

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file, where the shop is."""
    execute_demo_beside(__file__)
