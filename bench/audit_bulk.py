"""100,000 rows in one statement: what the audit log adds to a bulk load, update or delete."""

from ..core.statements import statement
from . import shops
from .lab import Lab, Plan, Row

DESCRIPTION = "100,000 rows in one INSERT, UPDATE, DELETE: bare, unchained, audited"
ROW_COUNT = 100_000
PREPARE = statement(__package__, "bulk_prepare")
# On account, hence the cheapest row that the shop has; a line refers to its sale and its product.
INSERT = statement(__package__, "bulk_payments").format(rows=ROW_COUNT)
INSERT_LINES = statement(__package__, "bulk_sale_items").format(rows=ROW_COUNT)


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Time each kind of statement.

    Args:
        lab: Where to measure.
        plan: Its rounds count; its clients do not.
    """
    variants = {
        "bare": shops.bare(lab),
        "unchained": shops.unchained(lab),
        "unchained rows": shops.unchained_rows(lab),
        "audited": shops.audited(lab),
        **shops.captured(lab),
        **shops.others(lab),
    }
    statements = {
        "insert": (PREPARE, INSERT),
        "insert lines": (PREPARE, INSERT_LINES),
        "update": (PREPARE + INSERT, "update retail.payments set amount = amount + 1"),
        "delete": (PREPARE + INSERT, "delete from retail.payments"),
    }
    rows = []
    for kind, (prepare, measured) in statements.items():
        lab.report(kind)
        for row in lab.compare_statement(variants, prepare, measured, plan.rounds):
            row.variant = f"{kind} {row.variant}"
            rows.append(row)
    return rows
