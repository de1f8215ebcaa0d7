"""Checkouts per second with the audit log, against none, an unchained one and other extensions.

Of those, pgaudit logs statements and no rows, and table_log keeps rows; neither chains anything.
"""

from . import _shops
from ._lab import Lab, Plan, Row

DESCRIPTION = "checkouts: bare, with an unchained statement-level jsonb audit, ours, others"


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare the shops.

    Args:
        lab: Where to measure.
        plan: How long and how often.
    """
    shops = {
        "bare": _shops.bare(lab),
        "unchained": _shops.unchained(lab),
        "audited": _shops.audited(lab),
        **_shops.others(lab),
    }
    return lab.compare(shops, "checkout.sql", plan)
