"""Amounts are finite, refunds may be partial, invoice numbers ignore case and blanks."""

from plumbline.migrations import execute_demo_beside

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL beside this file where the shop is to be."""
    execute_demo_beside(__file__)
