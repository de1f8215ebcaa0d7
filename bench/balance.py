"""Transactions per second where a balance over a long ledger is enforced at commit."""

from collections.abc import Callable

import psycopg

from ..core.migrate import migrate
from ..core.statements import statement
from . import shops
from .lab import Lab, Plan, Row

DESCRIPTION = "3 movements of stock with 10,000 before, enforced against found later"

# An expression keeps the rule from being enforced by what a transaction changed.
_AMOUNTS = {"the sum of the ledger read": "delta + 0", "by what changed": "delta"}


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Compare a balance that is found later with both ways to enforce it.

    Args:
        lab: Where to measure.
        plan: How long and how often.
    """
    variants = {"found later": lab.create_database("balance", _fill("delta", "detect"))}
    for number, (name, amount) in enumerate(_AMOUNTS.items(), start=1):
        variants[f"enforced, {name}"] = lab.create_database(
            f"balance_{number}", _fill(amount, "commit")
        )
    return lab.compare(variants, "balance.sql", plan)


def _fill(amount: str, enforcement: str) -> Callable[[str], None]:
    def fill(url: str) -> None:
        shops.ensure_roles(url)
        migrate(url, report=lambda _line: None)
        with psycopg.connect(url) as connection:
            connection.execute(statement(__package__, "fill_balance"))
            connection.execute(
                "select plumb.declare_balance('STOCK', 'store.stock', 'quantity', %s,"
                " 'store.ledger')",
                [amount],
            )
            connection.execute("select plumb.enforce_invariant('STOCK', %s)", [enforcement])

    return fill
