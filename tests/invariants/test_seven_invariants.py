"""Each invariant of the shop, broken as it happens in life, found exactly, repaired, clear."""

import pytest

# invariant, how it happens, what breaks it, the rows that are wrong, what repairs it
BREAKS = [
    (
        "NO_NEGATIVE_STOCK",
        "a direct update beside the ledger",
        "update stock set quantity = -4 where product_id = 1",
        {"1": "stock 1: quantity is -4"},
        "update stock set quantity = 7 where product_id = 1",
    ),
    (
        "SALE_TOTAL_MATCHES_LINE_ITEMS",
        "a total changed by hand",
        "update sales set total = 31 where sale_id = 1",
        {"1": "sale 1 says 31.00 but its lines add up to 30.00"},
        "update sales set total = 30 where sale_id = 1",
    ),
    (
        "SALE_TOTAL_MATCHES_LINE_ITEMS",
        "a line deleted after the sale",
        "delete from sale_items where sale_item_id = 1",
        {"1": "sale 1 says 30.00 but its lines add up to 0"},
        "insert into sale_items values (1, 1, 1, 3, 10, 30)",
    ),
    (
        "PAYMENT_SUM_MATCHES_SALE_TOTAL",
        "a payment recorded twice",
        "insert into payments select 9, sale_id, customer_id, amount from payments",
        {"1": "sale 1 is PAID with a total of 30.00 but 60.00 was paid"},
        "delete from payments where payment_id = 9",
    ),
    (
        "PAYMENT_SUM_MATCHES_SALE_TOTAL",
        "a sale cancelled without its refund",
        "update sales set status = 'CANCELLED' where sale_id = 1",
        {"1": "sale 1 is CANCELLED with a total of 30.00 but 30.00 was paid"},
        "insert into payments (sale_id, customer_id, amount) values (1, 1, -30)",
    ),
    (
        "PAYMENT_SUM_MATCHES_SALE_TOTAL",
        "a sale that vanished while its payment stayed",
        """
        set session_replication_role = replica;
        delete from sale_items where sale_id = 1;
        delete from sales where sale_id = 1;
        set session_replication_role = origin;
        """,
        {"1": "sale 1 does not exist but 30.00 was paid for it"},
        "delete from payments where sale_id = 1",
    ),
    (
        "NO_DUPLICATE_INVOICES",
        "two tills that numbered alike while offline",
        "insert into sales (invoice_no, customer_id, status) values ('R-1', 1, 'CANCELLED')",
        {
            "1": "sales 1: invoice_no R-1 stands in another row, too",
            "2": "sales 2: invoice_no R-1 stands in another row, too",
        },
        "update sales set invoice_no = 'R-2' where sale_id = 2",
    ),
    (
        "NO_DUPLICATE_INVOICES",
        "a number typed in another case, with blanks around it",
        "insert into sales (invoice_no, customer_id) values (' r -1\u00a0', 1)",
        {
            "1": "sales 1: invoice_no R-1 stands in another row, too",
            "2": "sales 2: invoice_no  r -1\u00a0 stands in another row, too",
        },
        "update sales set invoice_no = 'R-2' where sale_id = 2",
    ),
    (
        "SALE_TOTAL_MATCHES_LINE_ITEMS",
        "a line whose amount is not quantity times price, on an invoice that adds up",
        "update sale_items set unit_price = 9",
        {"1": "line 1 of sale 1 says 30.00 but its pieces cost 27.00"},
        "update sale_items set unit_price = 10",
    ),
    (
        "PAYMENT_SUM_MATCHES_SALE_TOTAL",
        "a partial refund that nobody paid out",
        "update sales set status = 'PARTIALLY_REFUNDED' where sale_id = 1",
        {"1": "sale 1 is PARTIALLY_REFUNDED with a total of 30.00 but 30.00 was paid"},
        "insert into payments (sale_id, customer_id, amount) values (1, 1, -10)",
    ),
    (
        "STOCK_MOVEMENT_BALANCE",
        "a sale whose goods nobody booked out",
        """
        insert into sales (invoice_no, customer_id, total) values ('R-2', 1, 8);
        insert into sale_items (sale_id, product_id, quantity, unit_price, line_total)
        values (2, 2, 2, 4, 8);
        """,
        {"2": "sale 2 sold 2 of product 2, but 0 left the shelf for it and 0 came back"},
        "insert into stock_ledger (product_id, delta, reason, sale_id) values (2, -2, 'SALE', 2)",
    ),
    (
        "STOCK_MOVEMENT_BALANCE",
        "more returned than was sold",
        "insert into stock_ledger (product_id, delta, reason, sale_id) values (1, 4, 'RETURN', 1)",
        {"1": "sale 1 sold 3 of product 1, but 3 left the shelf for it and 4 came back"},
        """
        update sale_items set quantity = 4, line_total = 40 where sale_id = 1;
        update sales set total = 40 where sale_id = 1;
        insert into stock_ledger (product_id, delta, reason, sale_id) values (1, -1, 'SALE', 1);
        """,
    ),
    (
        "STOCK_MOVEMENT_BALANCE",
        "movements loaded under the replica role, which fires no trigger",
        """
        set session_replication_role = replica;
        insert into stock_ledger (product_id, delta, reason) values (2, 6, 'DELIVERY');
        set session_replication_role = origin;
        """,
        {"2": "product 2 has 10 on the shelf but its movements add up to 16"},
        "update stock set quantity = 16 where product_id = 2",
    ),
    (
        "STOCK_MOVEMENT_BALANCE",
        "a trigger that somebody disabled to make an import faster",
        """
        alter table stock_ledger disable trigger stock_ledger_moves_stock;
        insert into stock_ledger (product_id, delta, reason) values (2, -6, 'SALE');
        alter table stock_ledger enable trigger stock_ledger_moves_stock;
        """,
        {"2": "product 2 has 10 on the shelf but its movements add up to 4"},
        "update stock set quantity = 4 where product_id = 2",
    ),
    (
        "CREDIT_LIMIT_NOT_EXCEEDED",
        "a sale on account beyond the limit",
        """
        insert into sales (invoice_no, customer_id, total) values ('R-2', 1, 101);
        insert into sale_items (sale_id, product_id, quantity, unit_price, line_total)
        values (2, 2, 1, 101, 101);
        """,
        {"1": "customer 1 owes 101.00, allowed are 100.00"},
        "insert into payments (sale_id, customer_id, amount) values (2, 1, 1)",
    ),
    (
        "CREDIT_LIMIT_NOT_EXCEEDED",
        "a limit lowered below what is owed",
        """
        insert into sales (invoice_no, customer_id, total) values ('R-2', 1, 50);
        insert into sale_items (sale_id, product_id, quantity, unit_price, line_total)
        values (2, 2, 1, 50, 50);
        update customers set credit_limit = 49 where customer_id = 1;
        """,
        {"1": "customer 1 owes 50.00, allowed are 49.00"},
        "update customers set credit_limit = 50 where customer_id = 1",
    ),
    (
        "NO_ORPHANED_SALE_ITEMS",
        "a sale deleted under the replica role, which asks no foreign key",
        """
        set session_replication_role = replica;
        delete from payments where sale_id = 1;
        delete from sales where sale_id = 1;
        set session_replication_role = origin;
        """,
        {"1": "sale_items 1: sale_id is 1, which sales does not have"},
        "delete from sale_items where sale_item_id = 1",
    ),
]


def found(db, invariant):
    rows = db.execute(
        "select subject, explanation from current_violations where invariant = %s", [invariant]
    )
    return dict(rows.fetchall())


@pytest.mark.parametrize(
    ("invariant", "breaks", "expected", "repairs"),
    [(b[0], *b[2:]) for b in BREAKS],
    ids=[f"{b[0]}: {b[1]}" for b in BREAKS],
)
def test_broken_found_repaired_clear(shop, invariant, breaks, expected, repairs):
    # Auto-correct would repair the orphan before we look; it has tests of its own.
    shop.execute("update invariants set auto_correct = null")
    status = "select status, violation_count from invariant_status where name = %s"

    shop.execute(breaks)
    shop.execute("select check_invariants()")
    assert found(shop, invariant) == expected
    assert shop.execute(status, [invariant]).fetchone() == ("violated", len(expected))

    shop.execute(repairs)
    shop.execute("select check_invariants()")
    assert found(shop, invariant) == {}
    assert shop.execute(status, [invariant]).fetchone() == ("holds", 0)


def test_a_restored_copy_with_lines_of_lost_sales_shows_each_line(shop):
    shop.execute("update invariants set auto_correct = null")
    with shop.transaction():
        shop.execute("set local session_replication_role = replica")
        with shop.cursor().copy(
            "copy sale_items (sale_item_id, sale_id, product_id, quantity, unit_price, line_total)"
            " from stdin"
        ) as copy:
            for row in [(10, 1, 1, 1, 0, 0), (11, 98, 1, 1, 5, 5), (12, 99, 2, 1, 5, 5)]:
                copy.write_row(row)

    shop.execute("select check_invariants()")

    assert found(shop, "NO_ORPHANED_SALE_ITEMS").keys() == {"11", "12"}


def test_the_shop_as_it_stands_holds(shop):
    statuses = shop.execute("select status from check_invariants()").fetchall()
    assert statuses == [("holds",)] * 7


def test_priorities_and_auto_correct_are_as_promised(db):
    promised = {
        ("NO_NEGATIVE_STOCK", "P1", None),
        ("SALE_TOTAL_MATCHES_LINE_ITEMS", "P1", None),
        ("PAYMENT_SUM_MATCHES_SALE_TOTAL", "P1", None),
        ("NO_DUPLICATE_INVOICES", "P1", None),
        ("STOCK_MOVEMENT_BALANCE", "P2", None),
        ("CREDIT_LIMIT_NOT_EXCEEDED", "P2", None),
        ("NO_ORPHANED_SALE_ITEMS", "P3", "plumb_rules.quarantine_no_orphaned_sale_items"),
    }
    rows = db.execute("select name, priority, auto_correct from invariants").fetchall()
    assert set(rows) == promised


@pytest.mark.parametrize(
    ("status", "paid", "holds"),
    [
        ("OPEN", 0, True),
        ("OPEN", 10, True),
        ("OPEN", 31, False),
        ("PAID", 30, True),
        ("PAID", 29, False),
        ("COMPLETED", 30, True),
        ("COMPLETED", 31, False),
        ("REFUNDED", 0, True),
        ("REFUNDED", 30, False),
        ("CANCELLED", 0, True),
        ("PARTIALLY_REFUNDED", 0, False),
        ("PARTIALLY_REFUNDED", 20, False),
    ],
)
def test_what_each_status_means_for_payments(shop, status, paid, holds):
    shop.execute("delete from payments")
    shop.execute("update sales set status = %s", [status])
    if paid:
        shop.execute(
            "insert into payments (sale_id, customer_id, amount) values (1, 1, %s)", [paid]
        )
    rows = shop.execute("select subject from payment_sum_matches_sale_total").fetchall()
    assert rows == ([] if holds else [(1,)])


def test_a_partial_refund_is_true_and_owes_nothing(shop):
    shop.execute(
        "update sales set status = 'PARTIALLY_REFUNDED';"
        " insert into payments (sale_id, customer_id, amount) values (1, 1, -29.99);"
        " update customers set credit_limit = 0;"
        " insert into stock_ledger (product_id, delta, reason, sale_id) values (1, 1, 'RETURN', 1)"
    )
    assert shop.execute("select status from check_invariants()").fetchall() == [("holds",)] * 7


def test_a_sale_cancelled_before_its_goods_left_is_true(shop):
    shop.execute(
        "insert into sales (invoice_no, customer_id, total, status)"
        " values ('R-2', 1, 8, 'CANCELLED');"
        " insert into sale_items (sale_id, product_id, quantity, unit_price, line_total)"
        " values (2, 2, 2, 4, 8)"
    )
    assert shop.execute("select status from check_invariants()").fetchall() == [("holds",)] * 7


# What was written before the shop refused it; as a partial restore brings it back.
NO_NUMBERS = [
    ("CREDIT_LIMIT_NOT_EXCEEDED", "customers", "customers set credit_limit = {}"),
    ("SALE_TOTAL_MATCHES_LINE_ITEMS", "sales", "sales set total = {}"),
    ("SALE_TOTAL_MATCHES_LINE_ITEMS", "sale_items", "sale_items set line_total = {}"),
    ("SALE_TOTAL_MATCHES_LINE_ITEMS", "sale_items", "sale_items set unit_price = {}"),
    ("PAYMENT_SUM_MATCHES_SALE_TOTAL", "payments", "payments set amount = {}"),
    ("CREDIT_LIMIT_NOT_EXCEEDED", "payments", "payments set amount = {}"),
]


def drop_checks(db, table):
    """Take a table's CHECKs away, as an older version of the shop had none."""
    for (name,) in db.execute(
        "select conname from pg_constraint where contype = 'c' and conrelid = %s::regclass", [table]
    ).fetchall():
        db.execute(f"alter table {table} drop constraint {name}")


@pytest.mark.parametrize(("invariant", "table", "change"), NO_NUMBERS)
def test_an_amount_that_is_no_number_is_named(shop, invariant, table, change):
    drop_checks(shop, table)
    shop.execute("update " + change.format("'NaN'"))
    shop.execute("select check_invariants()")
    assert found(shop, invariant).keys() == {"1"}


def test_amounts_that_are_all_no_numbers_do_not_make_up_for_each_other(shop):
    for table in ("customers", "sales", "sale_items", "payments"):
        drop_checks(shop, table)
    for change in {change for _, _, change in NO_NUMBERS}:
        shop.execute("update " + change.format("'NaN'"))
    shop.execute("select check_invariants()")
    for invariant in {invariant for invariant, _, _ in NO_NUMBERS}:
        assert found(shop, invariant).keys() == {"1"}


def test_a_violation_is_remembered_from_first_seen_to_cleared(shop):
    times = ["2026-03-01 10:00+00", "2026-03-01 10:05+00", "2026-03-01 10:10+00"]
    shop.execute("update stock set quantity = -1 where product_id = 1")
    for time in times[:2]:
        shop.execute("select set_config('plumb.current_time', %s, false)", [time])
        shop.execute("select check_invariants()")
    shop.execute("update stock set quantity = 7 where product_id = 1")
    shop.execute("select set_config('plumb.current_time', %s, false)", [times[2]])
    shop.execute("select check_invariants()")

    rows = shop.execute(
        "select first_seen_at, last_seen_at, cleared_at, found_by from invariant_violations"
        " where invariant = 'NO_NEGATIVE_STOCK'"
    ).fetchall()
    assert [[str(value) for value in row] for row in rows] == [
        [
            "2026-03-01 10:00:00+00:00",
            "2026-03-01 10:05:00+00:00",
            "2026-03-01 10:10:00+00:00",
            "deep",
        ]
    ]
