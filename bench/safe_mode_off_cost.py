"""What safe mode costs while it is off: its trigger alone against the bare shop."""

from . import shops
from .lab import Lab, Plan, Row

DESCRIPTION = "the same checkouts with safe mode's trigger alone, safe mode being off"


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare the shop with safe mode's trigger with the bare shop.

    Args:
        lab: Where to measure.
        plan: How long and how often.
    """
    variants = {"bare": shops.bare(lab), "safe mode off": shops.safe_mode_only(lab)}
    return lab.compare(variants, "checkout.sql", plan)
