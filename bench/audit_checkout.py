"""Checkouts per second with the audit log, against none and against an unchained one."""

from plumbline.bench import _shops
from plumbline.bench._lab import Lab, Plan, Row

DESCRIPTION = "checkouts: bare, with an unchained statement-level jsonb audit, with ours"


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare the three shops.

    Args:
        lab: Where to measure.
        plan: How long and how often.
    """
    shops = {
        "bare": _shops.bare(lab),
        "unchained": _shops.unchained(lab),
        "audited": _shops.audited(lab),
    }
    return lab.compare(shops, "checkout.sql", plan)
