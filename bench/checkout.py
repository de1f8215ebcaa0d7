"""Checkouts per second: the shop guarded in full against the bare shop."""

from . import shops
from .lab import Lab, Plan, Row

DESCRIPTION = "checkouts (1 sale, 3 items, 3 movements, 1 payment), guarded against bare"


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare both shops.

    Args:
        lab: Where to measure.
        plan: How long and how often.
    """
    variants = {"bare": shops.bare(lab), "guarded": shops.guarded(lab)}
    return lab.compare(variants, "checkout.sql", plan)
