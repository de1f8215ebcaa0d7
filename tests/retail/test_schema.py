"""The columns that the shop's users name suffice for an INSERT; all others have a default."""

import psycopg
import pytest

SUFFICIENT = {
    "customers": "(name, credit_limit) values ('Bob', 50)",
    "products": "(sku, name, price) values ('PEN', 'Pen', 2)",
    "stock": "(product_id, quantity) values (3, 5)",
    "sales": "(invoice_no, customer_id, total, status) values ('R-2', 1, 0, 'OPEN')",
    "sale_items": "(sale_id, product_id, quantity, unit_price, line_total) values (1, 1, 1, 1, 1)",
    "payments": "(sale_id, customer_id, amount, method) values (1, 1, 5, 'CARD')",
    "stock_ledger": "(product_id, delta, reason) values (1, 2, 'RETURN')",
}


@pytest.mark.parametrize("table", SUFFICIENT)
def test_named_columns_suffice(shop, table):
    shop.execute("insert into products (sku, name) values ('INK', 'Ink')")
    shop.execute(f"insert into {table} {SUFFICIENT[table]}")


def test_every_named_column_can_be_given(shop):
    shop.execute(
        """
        insert into sales (sale_id, invoice_no, customer_id, total, status, created_at)
        values (7, 'R-7', 1, 0, 'CANCELLED', '2026-01-01 10:00+00');
        insert into stock_ledger (
            movement_id, product_id, delta, balance_after, reason, sale_id, created_at
        ) values (70, 1, -1, 0, 'SALE', 7, '2026-01-01 10:00+00');
        insert into payments (payment_id, sale_id, customer_id, amount, method, created_at)
        values (70, 7, 1, 1, 'VOUCHER', '2026-01-01 10:00+00');
        """
    )
    assert shop.execute("select balance_after from stock_ledger where movement_id = 70").fetchone()[
        0
    ] == (6)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("insert into sales (invoice_no, customer_id) values ('X', 99)", "ForeignKeyViolation"),
        ("insert into sale_items values (9, 99, 1, 1, 1, 1)", "ForeignKeyViolation"),
        ("insert into sale_items values (9, 1, 1, 0, 1, 1)", "CheckViolation"),
        ("insert into payments (customer_id, amount) values (1, 0)", "CheckViolation"),
        ("insert into products (sku, name) values ('TEA', 'Tea again')", "UniqueViolation"),
        ("update sales set status = 'LOST'", "CheckViolation"),
        ("update customers set credit_limit = 'NaN'", "CheckViolation"),
        ("update products set price = 'NaN'", "CheckViolation"),
        ("update sales set total = 'NaN'", "CheckViolation"),
        ("update sale_items set unit_price = 'NaN'", "CheckViolation"),
        ("update sale_items set line_total = 'NaN'", "CheckViolation"),
        ("update payments set amount = 'NaN'", "CheckViolation"),
        ("update payments set amount = '-Infinity'", "NumericValueOutOfRange"),
        (
            "insert into stock_ledger (product_id, delta, reason) values (1, 1, 'THEFT')",
            "CheckViolation",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(shop, statement, error):
    with pytest.raises(getattr(psycopg.errors, error)):
        shop.execute(statement)


def test_an_invoice_number_may_clash_so_that_no_offline_sale_is_lost(shop):
    shop.execute("insert into sales (invoice_no, customer_id) values ('R-1', 1)")


def test_every_foreign_key_has_an_index(db):
    unindexed = db.execute(
        """
        select k.conrelid::regclass, k.conname
        from pg_constraint as k
        where
            k.contype = 'f'
            and k.connamespace = 'retail'::regnamespace
            and not exists (
                select from pg_index as i
                where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1]
            )
        """
    ).fetchall()
    assert unindexed == []
