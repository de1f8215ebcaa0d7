"""Checkouts per second with the audit log, against none, an unchained one and other extensions.

Of those, pgaudit logs statements and no rows, and table_log keeps rows; neither chains anything.
"""

from . import shops
from .lab import Lab, Plan, Row

DESCRIPTION = "checkouts: bare, with an unchained statement-level jsonb audit, ours, others"


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare the shops.

    Args:
        lab: Where to measure.
        plan: How long and how often.
    """
    variants = {
        "bare": shops.bare(lab),
        "unchained": shops.unchained(lab),
        "audited": shops.audited(lab),
        **shops.others(lab),
    }
    return lab.compare(variants, "checkout.sql", plan)
