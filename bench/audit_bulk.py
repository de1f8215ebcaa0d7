"""100,000 rows in one statement: what the audit log costs who loads, changes or deletes much."""

from . import shops
from .lab import Lab, Plan, Row

DESCRIPTION = "100,000 rows in one INSERT, UPDATE, DELETE: bare, unchained, audited"
ROW_COUNT = 100_000
PREPARE = """
    delete from retail.payments;
    delete from retail.sale_items;
    insert into retail.customers (customer_id, name)
    values (1000000, 'Bulk') on conflict do nothing;
    insert into retail.sales (sale_id, invoice_no, customer_id)
    values (1000000, 'BULK', 1000000) on conflict do nothing;
"""
# On account, hence the cheapest row that the shop has; a line refers to its sale and its product.
INSERT = f"""
    insert into retail.payments (customer_id, amount)
    select 1000000, g from generate_series(1, {ROW_COUNT}) as g
"""
INSERT_LINES = f"""
    insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)
    select 1000000, 1 + g % 9000, 1, 1, 1 from generate_series(1, {ROW_COUNT}) as g
"""


def measure(lab: Lab, plan: Plan) -> list[Row]:
    """Time each kind of statement.

    Args:
        lab: Where to measure.
        plan: Its rounds count; its clients do not.
    """
    variants = {
        "bare": shops.bare(lab),
        "unchained": shops.unchained(lab),
        "audited": shops.audited(lab),
        **shops.others(lab),
    }
    statements = {
        "insert": (PREPARE, INSERT),
        "insert lines": (PREPARE, INSERT_LINES),
        "update": (PREPARE + INSERT, "update retail.payments set amount = amount + 1"),
        "delete": (PREPARE + INSERT, "delete from retail.payments"),
    }
    rows = []
    for kind, (prepare, statement) in statements.items():
        lab.report(kind)
        for row in lab.compare_statement(variants, prepare, statement, plan.rounds):
            row.variant = f"{kind} {row.variant}"
            rows.append(row)
    return rows
