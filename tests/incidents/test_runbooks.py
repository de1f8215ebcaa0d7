"""Every incident leads to a runbook whose SQL runs and whose repair repairs."""

import re
from pathlib import Path

import pytest

RUNBOOKS = Path(__file__).parents[2] / "docs" / "runbooks"

# What breaks each invariant at the key that its runbook uses.
BREAKS = {
    "no_negative_stock": "update stock set quantity = -2 where product_id = 1",
    "sale_total_matches_line_items": "update sales set total = 31; delete from payments;"
    " update sales set status = 'OPEN'",
    "payment_sum_matches_sale_total": "insert into payments (sale_id, customer_id, amount)"
    " values (1, 1, 30)",
    "no_duplicate_invoices": "insert into sales (invoice_no, customer_id) values ('R-1', 1)",
    "stock_movement_balance": "alter table stock_ledger disable trigger stock_ledger_moves_stock;"
    " insert into stock_ledger (product_id, delta, reason) values (1, 4, 'DELIVERY')",
    "credit_limit_not_exceeded": "insert into sales (invoice_no, customer_id, total)"
    " values ('R-2', 1, 101); insert into sale_items (sale_id, product_id, quantity, unit_price,"
    " line_total) values (2, 1, 1, 101, 101); insert into stock_ledger (product_id, delta, reason,"
    " sale_id) values (1, -1, 'SALE', 2)",
    "no_orphaned_sale_items": "set session_replication_role = replica; delete from payments;"
    " delete from sales; set session_replication_role = origin;"
    " update invariants set auto_correct = null",
    "invariant-check": "drop view plumb_rules.no_negative_stock",
}


def sql_of(name, chapter):
    text = (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
    block = re.search(rf"^## {chapter}$.*?```sql\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    return [s for s in re.split(r";\s*\n\s*", block.group(1)) if s.strip()]


@pytest.mark.parametrize("name", BREAKS)
def test_following_the_runbook_ends_the_incident(shop, name):
    shop.execute(BREAKS[name])
    shop.execute("select check_invariants()")
    open_runbooks = "select substring(runbook_url from '[^/]+$') from open_incidents"
    assert (f"{name}.md",) in shop.execute(open_runbooks).fetchall()

    for statement in sql_of(name, "Look"):
        # The view that could not be checked cannot be read either.
        if name != "invariant-check" or "read_violations" not in statement:
            assert shop.execute(statement).description
    for statement in sql_of(name, "Repair") + sql_of(name, "See it clear"):
        shop.execute(statement)

    assert shop.execute(open_runbooks).fetchall() == []


def test_every_source_of_incidents_has_its_runbook(db):
    urls = [url for (url,) in db.execute("select runbook_url from invariants").fetchall()]
    names = {url.removeprefix("docs/runbooks/") for url in urls} | {"invariant-check.md"}
    assert names == {f"{name}.md" for name in BREAKS}
    assert names <= {path.name for path in RUNBOOKS.iterdir()}


def test_runbooks_may_live_elsewhere(db):
    db.execute("select change_setting('runbook_base_url', 'https://wiki.example.com/')")
    db.execute(
        "select declare_invariant('CREDIT_LIMIT_NOT_EXCEEDED', 'plumb.credit_limit_not_exceeded',"
        " 'P2', 'Again.')"
    )
    url = "select runbook_url from invariants where name = 'CREDIT_LIMIT_NOT_EXCEEDED'"
    expected = "https://wiki.example.com/credit_limit_not_exceeded.md"
    assert db.execute(url).fetchone() == (expected,)
