"""A movement changes the shelf, and none takes more than is there, whoever comes at once."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

SELL = "insert into stock_ledger (product_id, delta, reason) values (1, %s, 'SALE')"
ISOLATION_LEVELS = [
    psycopg.IsolationLevel.READ_COMMITTED,
    psycopg.IsolationLevel.REPEATABLE_READ,
    psycopg.IsolationLevel.SERIALIZABLE,
]


def quantity(db, product_id=1):
    return db.execute("select quantity from stock where product_id = %s", [product_id]).fetchone()[
        0
    ]


def test_a_movement_moves_the_stock_and_notes_the_balance(shop):
    balance = shop.execute(f"{SELL} returning balance_after", [-2]).fetchone()[0]
    assert (quantity(shop), balance) == (5, 5)


def test_the_first_delivery_puts_a_product_on_the_shelf(shop):
    shop.execute("insert into products (product_id, sku, name) values (3, 'INK', 'Ink')")
    shop.execute("insert into stock_ledger (product_id, delta, reason) values (3, 4, 'DELIVERY')")
    assert quantity(shop, 3) == 4


def test_the_last_piece_can_be_sold(shop):
    shop.execute(SELL, [-7])
    assert quantity(shop) == 0


def test_taking_more_than_there_is_names_product_available_and_requested(shop):
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        shop.execute(SELL, [-8])
    assert refused.value.diag.message_primary == "product 1 has 7 in stock, 8 requested"
    assert quantity(shop) == 7


def test_two_lines_of_one_statement_may_not_take_more_than_there_is(shop):
    with pytest.raises(psycopg.errors.CheckViolation, match="has 3 in stock, 4 requested"):
        shop.execute(
            "insert into stock_ledger (product_id, delta, reason)"
            " values (1, -4, 'SALE'), (1, -4, 'SALE')"
        )
    assert quantity(shop) == 7


def test_a_delivery_is_accepted_even_where_the_shelf_is_below_zero(shop):
    shop.execute("update stock set quantity = -5 where product_id = 1")
    shop.execute("insert into stock_ledger (product_id, delta, reason) values (1, 2, 'DELIVERY')")
    assert quantity(shop) == -3


def test_the_shops_own_role_sells_without_any_right_on_the_stock(shop):
    shop.execute("revoke all on stock from retail_app")
    shop.execute("set role retail_app")
    shop.execute(SELL, [-1])
    shop.execute("reset role")
    assert quantity(shop) == 6


def test_a_missing_delta_is_refused_as_such(shop):
    with pytest.raises(psycopg.errors.NotNullViolation):
        shop.execute(SELL, [None])


@pytest.mark.parametrize(
    "change",
    ["update stock_ledger set delta = 1", "delete from stock_ledger", "truncate stock_ledger"],
)
def test_a_recorded_movement_never_changes(shop, change):
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="append-only"):
        shop.execute(change)


@pytest.mark.parametrize("isolation_level", ISOLATION_LEVELS, ids=lambda level: level.name)
def test_of_two_sessions_that_want_the_last_pieces_one_is_refused(
    shop, connect, wait_until_blocked, isolation_level
):
    first, second = connect(autocommit=False), connect(autocommit=False)
    for session in (first, second):
        session.isolation_level = isolation_level
        session.execute("select sum(quantity) from stock")  # both have seen 7
    first.execute(SELL, [-5])

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(second.execute, SELL, [-5])
        wait_until_blocked(second)
        first.commit()
        with pytest.raises(psycopg.Error) as refused:
            waiting.result(timeout=10)

    expected = "23514" if isolation_level == ISOLATION_LEVELS[0] else "40001"
    assert refused.value.sqlstate == expected
    assert quantity(shop) == 2


@pytest.mark.parametrize("isolation_level", ISOLATION_LEVELS, ids=lambda level: level.name)
def test_many_sessions_sell_exactly_what_there_is(shop, connect, isolation_level):
    def sell_one(session):
        while True:
            try:
                session.execute(SELL, [-1])
            except psycopg.errors.SerializationFailure:
                continue
            except psycopg.errors.CheckViolation:
                return sold
            sold.append(session)

    sold = []
    sessions = [connect() for _ in range(4)]
    for session in sessions:
        session.isolation_level = isolation_level
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(sell_one, sessions))

    assert (len(sold), quantity(shop)) == (7, 0)
