"""The shop is believable, true, and loaded once."""

from plumbline.cli.demo import load_shop


def _violated(db):
    return [row[0] for row in db.execute("select * from check_invariants()") if row[1] != "holds"]


def test_a_loaded_shop_holds_every_invariant(db, shop_url):
    assert _violated(db) == []


def test_a_loaded_shop_has_customers_products_stock_and_a_past(db, shop_url):
    counts = db.execute(
        "select (select count(*) from customers), (select count(*) from products),"
        " (select count(*) from stock where quantity > 0), (select count(*) from sales),"
        " (select count(distinct status) from sales), (select max(created_at) < now() from sales)"
    ).fetchone()
    assert counts == (200, 300, 300, 400, 6, True)


def test_somebody_owes_something_and_nobody_more_than_allowed(db, shop_url):
    owing = db.execute(
        "select count(*) filter (where balance > 0), bool_and(balance <= credit_limit)"
        " from demo.balances"
    ).fetchone()
    assert owing[0] > 10
    assert owing[1]


def test_loading_again_changes_nothing(db, shop_url):
    before = db.execute("select count(*), max(movement_id) from stock_ledger").fetchone()

    said = load_shop(shop_url)

    assert said is None
    assert db.execute("select count(*), max(movement_id) from stock_ledger").fetchone() == before


def test_a_shop_with_data_of_its_own_is_left_alone_and_not_taken_for_the_demo(db):
    db.execute("insert into customers (name) values ('A real customer')")

    assert load_shop(db.info.dsn) is None

    assert db.execute("select count(*) from customers").fetchone() == (1,)
    assert db.execute("select count(*) from demo.shop").fetchone() == (0,)
