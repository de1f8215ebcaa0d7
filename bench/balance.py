"""Checkouts per second, and CPU a checkout, where a balance over a ledger is enforced at commit."""

from collections.abc import Callable

import psycopg

from ..core.migrate import migrate
from ..core.statements import statement
from . import shops
from .lab import Lab, Plan, Row

DESCRIPTION = "checkouts booking 3 stocks, their balance with a long ledger found later or enforced"
LONG, SHORT = 10_000, 100


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare a balance that is found later with both ways to enforce it.

    Args:
        lab: Where to measure.
        plan: How long and how often.
    """
    variants = {
        "found later": _fill("delta", "detect", LONG),
        "enforced by what changed": _fill("delta", "commit", LONG),
        "the same, short ledger": _fill("delta", "commit", SHORT),
        # An expression keeps the rule from being enforced by what a transaction changed.
        "enforced, the ledger read": _fill("delta + 0", "commit", LONG),
    }
    urls = {
        name: lab.create_database(f"balance_{number}", fill)
        for number, (name, fill) in enumerate(variants.items(), start=1)
    }
    return lab.compare(urls, "balance.sql", plan, {})


def _fill(amount: str, enforcement: str, movements: int) -> Callable[[str], None]:
    def fill(url: str) -> None:
        shops.ensure_roles(url)
        migrate(url, report=lambda _line: None)
        with psycopg.connect(url) as connection:
            connection.execute("select set_config('bench.movements', %s, false)", [str(movements)])
            connection.execute(statement(__package__, "fill_balance"))
            connection.execute(
                "select plumb.declare_balance('STOCK', 'store.stock', 'quantity', %s,"
                " 'store.ledger')",
                [amount],
            )
            connection.execute("select plumb.enforce_invariant('STOCK', %s)", [enforcement])

    return fill
