"""A cycle looks at what changed, finds what that broke, and names who did it."""

import pytest


@pytest.fixture
def shop(db):
    """Fill a small shop, check it once in full, and yield its connection."""
    db.execute(
        "insert into customers (customer_id, name, credit_limit)"
        " select g, 'customer ' || g, 1000 from generate_series(1, 50) as g;"
        "insert into products (product_id, sku, name)"
        " select g, 'sku ' || g, 'product ' || g from generate_series(1, 50) as g;"
        "insert into stock_ledger (product_id, delta, reason)"
        " select g, 100, 'DELIVERY' from generate_series(1, 50) as g"
    )
    db.execute("select plumb.seal_audit()")
    db.execute("select * from check_invariants('deep')")
    return db


def cycle(shop):
    shop.execute("select plumb.seal_audit()")
    return dict(
        shop.execute("select invariant, violation_count from check_invariants('cycle')").fetchall()
    )


def checked_keys(shop, invariant):
    return shop.execute(
        "select checked_key_count from plumb.invariant_checks where invariant = %s"
        " order by invariant_check_id desc limit 1",
        [invariant],
    ).fetchone()[0]


def test_a_quiet_cycle_looks_at_nothing(shop):
    assert set(cycle(shop).values()) == {0}
    assert checked_keys(shop, "NO_NEGATIVE_STOCK") == 0


def test_it_looks_only_at_the_keys_that_changed(shop):
    shop.execute("update stock set quantity = quantity + 1 where product_id in (3, 4)")

    assert cycle(shop)["STOCK_MOVEMENT_BALANCE"] == 2
    assert checked_keys(shop, "STOCK_MOVEMENT_BALANCE") == 2
    assert checked_keys(shop, "CREDIT_LIMIT_NOT_EXCEEDED") == 0


def test_what_it_found_is_looked_at_again_until_it_is_mended(shop):
    shop.execute("update stock set quantity = -1 where product_id = 7")
    assert cycle(shop)["NO_NEGATIVE_STOCK"] == 1

    assert cycle(shop)["NO_NEGATIVE_STOCK"] == 1
    shop.execute("update stock set quantity = 100 where product_id = 7")
    assert cycle(shop)["NO_NEGATIVE_STOCK"] == 0


def test_a_key_that_a_row_left_is_looked_at_too(shop):
    shop.execute("insert into sales (sale_id, invoice_no, customer_id) values (1, 'A', 1)")
    shop.execute("insert into sales (sale_id, invoice_no, customer_id) values (2, 'B', 1)")
    for sale in (1, 2):
        shop.execute(
            "insert into sale_items (sale_id, product_id, quantity, unit_price, line_total)"
            " values (%s, 1, 1, 5, 5); ".replace("%s", str(sale))
            + f"update sales set total = 5 where sale_id = {sale}"
        )
    assert cycle(shop)["SALE_TOTAL_MATCHES_LINE_ITEMS"] == 0

    shop.execute("update sale_items set sale_id = 2 where sale_id = 1")

    assert cycle(shop)["SALE_TOTAL_MATCHES_LINE_ITEMS"] == 2


def test_after_a_truncate_everything_is_read(shop):
    shop.execute("alter table stock_ledger disable trigger stock_ledger_is_append_only")
    shop.execute("truncate stock_ledger")

    assert cycle(shop)["STOCK_MOVEMENT_BALANCE"] == 50
    assert checked_keys(shop, "STOCK_MOVEMENT_BALANCE") is None


def test_a_table_that_is_not_audited_is_read_in_full(shop):
    shop.execute("select plumb.unaudit_table('retail.stock')")
    cycle(shop)

    assert checked_keys(shop, "NO_NEGATIVE_STOCK") is None


def test_an_invariant_that_could_not_be_checked_catches_up(shop):
    shop.execute("update stock set quantity = -1 where product_id = 7")
    shop.execute("alter view plumb_rules.no_negative_stock rename subject to thing")
    cycle(shop)
    assert shop.execute(
        "select status from plumb.invariant_status where name = 'NO_NEGATIVE_STOCK'"
    ).fetchone() == ("unknown",)
    shop.execute("alter view plumb_rules.no_negative_stock rename thing to subject")

    assert cycle(shop)["NO_NEGATIVE_STOCK"] == 1


def test_more_keys_than_a_scan_is_worth_are_read_in_full(shop):
    shop.execute("select plumb.change_setting('cycle_keys_max', '10')")
    shop.execute("update stock set quantity = -1")

    assert cycle(shop)["NO_NEGATIVE_STOCK"] == 50
    assert checked_keys(shop, "NO_NEGATIVE_STOCK") is None


def test_a_violation_names_who_changed_its_subject(shop, connect):
    with connect(application_name="till 4") as till:
        till.execute("update retail.stock set quantity = -1 where product_id = 7")

    cycle(shop)

    (blame,) = shop.execute("select blame from current_violations where subject = '7'").fetchone()
    assert {(b["actor"], b["application"], b["relation"], b["op"]) for b in blame} >= {
        (shop.info.user, "till 4", "retail.stock", "UPDATE")
    }


def test_what_a_deep_scan_found_is_blamed_once_it_is_sealed(shop):
    shop.execute("update stock set quantity = -1 where product_id = 7")
    shop.execute("select * from check_invariants('deep')")
    assert shop.execute("select blame from plumb.invariant_violations").fetchone() == ([],)

    cycle(shop)

    (blame,) = shop.execute("select blame from plumb.invariant_violations").fetchone()
    assert blame[0]["op"] == "UPDATE"
