"""A transaction that would break an enforced invariant is refused at commit, races included."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

LIMIT = "CREDIT_LIMIT_NOT_EXCEEDED"
TOTAL = "SALE_TOTAL_MATCHES_LINE_ITEMS"
RC = psycopg.IsolationLevel.READ_COMMITTED
RR = psycopg.IsolationLevel.REPEATABLE_READ
SERIALIZABLE = psycopg.IsolationLevel.SERIALIZABLE


@pytest.fixture
def strict(shop):
    """A shop whose credit limit and sale totals are enforced at commit; a second customer."""
    shop.execute("insert into customers (name, credit_limit) values ('Bob', 100)")
    shop.execute(
        "select enforce_invariant(%s, 'commit'), enforce_invariant(%s, 'commit')", [LIMIT, TOTAL]
    )
    return shop


def sell(session, customer, amount, invoice="R-9"):
    session.execute(
        "with s as (insert into retail.sales (invoice_no, customer_id, total)"
        " values (%s, %s, %s) returning sale_id)"
        " insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)"
        " select sale_id, 2, 1, %s, %s from s",
        [invoice, customer, amount, amount, amount],
    )


def owed(db, customer):
    return db.execute(
        "select coalesce(sum(total), 0) from sales where customer_id = %s and status = 'OPEN'",
        [customer],
    ).fetchone()[0]


def test_what_keeps_it_true_is_accepted(strict):
    sell(strict, 1, 100)
    assert owed(strict, 1) == 100


def test_what_breaks_it_is_refused_naming_invariant_subject_and_why(strict):
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        sell(strict, 1, 101)
    diag = refused.value.diag
    assert diag.message_primary == (
        f"{LIMIT} would not hold for 1: customer 1 owes 101.00, allowed are 100.00"
    )
    assert (diag.constraint_name, diag.schema_name, diag.table_name) == (LIMIT, "retail", "sales")
    assert owed(strict, 1) == 0


def test_a_transaction_may_pass_through_a_broken_state(strict):
    with strict.transaction():
        strict.execute("insert into sales (invoice_no, customer_id, total) values ('R-9', 1, 8)")
        strict.execute(
            "insert into sale_items (sale_id, product_id, quantity, unit_price, line_total)"
            " values (2, 2, 2, 4, 8)"
        )
    assert owed(strict, 1) == 8


def test_every_table_that_is_watched_is_checked(strict):
    for breaking in (
        "delete from sale_items where sale_item_id = 1",
        "update sale_items set line_total = 31",
        "update sales set total = 31",
        "update customers set credit_limit = 0; insert into payments (customer_id, amount)"
        " values (1, -1)",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            strict.execute(breaking)


def test_a_row_that_moves_to_another_key_is_checked_at_both(strict):
    sell(strict, 1, 5)
    with pytest.raises(psycopg.errors.CheckViolation, match=f"{TOTAL} would not hold for"):
        strict.execute("update sale_items set sale_id = 2 where sale_item_id = 1")


def test_a_rolled_back_savepoint_is_not_held_against_the_transaction(strict):
    with strict.transaction():
        sell(strict, 1, 10)
        with strict.transaction(force_rollback=True):
            sell(strict, 1, 5000, "R-10")
    assert owed(strict, 1) == 10


def test_set_constraints_immediate_checks_at_once_and_again_at_commit(strict):
    with pytest.raises(psycopg.errors.CheckViolation), strict.transaction():
        sell(strict, 1, 10)
        strict.execute("set constraints all immediate")
        strict.execute("set constraints all deferred")
        strict.execute("update sale_items set line_total = 11 where sale_id = 2")
    assert owed(strict, 1) == 0


def test_a_violation_that_exists_blocks_no_other_key(strict):
    strict.execute(f"select enforce_invariant('{LIMIT}', 'detect')")
    sell(strict, 1, 500)
    strict.execute(f"select enforce_invariant('{LIMIT}', 'commit')")
    sell(strict, 2, 100, "R-10")
    assert owed(strict, 2) == 100


def test_what_mends_a_violation_is_accepted(strict):
    strict.execute(f"select enforce_invariant('{LIMIT}', 'detect')")
    sell(strict, 1, 500)
    strict.execute(f"select enforce_invariant('{LIMIT}', 'commit')")
    with pytest.raises(psycopg.errors.CheckViolation):
        strict.execute("insert into payments (customer_id, amount) values (1, 399)")
    strict.execute("insert into payments (customer_id, amount) values (1, 400)")


def test_thousands_of_rows_in_one_transaction_are_checked_each(strict):
    load = """
        with s as (
            insert into sales (invoice_no, customer_id, total, status)
            select 'B-' || n, 1, 1, 'REFUNDED' from generate_series(1, 3000) as n returning *
        )
        insert into sale_items (sale_id, product_id, quantity, unit_price, line_total)
        select sale_id, 2, 1, 1, case when invoice_no = 'B-1' then {} else 1 end from s
    """
    with pytest.raises(psycopg.errors.CheckViolation, match="would not hold for 2: sale 2 says"):
        strict.execute(load.format(2))
    strict.execute(load.format(1))


def test_a_prepared_transaction_is_checked_when_it_is_prepared(strict):
    with pytest.raises(psycopg.errors.CheckViolation):
        strict.execute("begin")
        sell(strict, 1, 101)
        strict.execute("prepare transaction 'beyond'")
    strict.execute("rollback")
    strict.execute("begin")
    sell(strict, 1, 100)
    strict.execute("prepare transaction 'within'")
    strict.execute("commit prepared 'within'")
    assert owed(strict, 1) == 100


def test_only_enforced_tables_carry_triggers_and_detect_takes_them_off(strict):
    triggers = (
        "select distinct tgrelid::regclass::text from pg_trigger"
        " where tgname like 'plumb_enforce%' or tgname like 'plumb_collect%' order by 1"
    )
    attached = [name for (name,) in strict.execute(triggers).fetchall()]
    assert attached == ["customers", "payments", "sale_items", "sales"]
    for name in (LIMIT, TOTAL):
        strict.execute("select enforce_invariant(%s, 'detect')", [name])
    assert strict.execute(triggers).fetchall() == []
    strict.execute("update sales set total = 31")


def test_enforcing_again_touches_nothing(strict):
    before = strict.execute("select oid from pg_trigger order by 1").fetchall()
    strict.execute("select enforce_invariant(%s, 'commit')", [LIMIT])
    assert strict.execute("select oid from pg_trigger order by 1").fetchall() == before


def test_disabling_an_invariant_stops_its_enforcement_until_it_is_enabled(strict):
    strict.execute("select tune_invariant(%s, p_is_enabled => false)", [LIMIT])
    sell(strict, 1, 500)
    strict.execute("select tune_invariant(%s, p_is_enabled => true)", [LIMIT])
    with pytest.raises(psycopg.errors.CheckViolation):
        sell(strict, 1, 1, "R-10")


def test_a_table_watched_later_is_enforced_too(strict):
    strict.execute("create table returns (return_id int primary key, customer_id bigint)")
    strict.execute("select watch_table(%s, 'public.returns', 'customer_id')", [LIMIT])
    strict.execute(
        "alter table customers disable trigger all; update customers set credit_limit=0;"
    )
    sell_free = "alter table sales disable trigger all; update sales set status = 'OPEN'"
    strict.execute(f"{sell_free}; alter table payments disable trigger all; delete from payments")
    with pytest.raises(psycopg.errors.CheckViolation, match=LIMIT):
        strict.execute("insert into returns values (1, 1)")


def test_every_partition_is_enforced_whichever_way_it_is_written(db):
    db.execute(
        """
        create schema app;
        create table app.seats (flight int, seat int, taken int) partition by list (flight);
        create table app.seats_1 partition of app.seats for values in (1);
        create view app.oversold as
        select flight as subject from app.seats group by flight having sum(taken) > 1;
        grant usage on schema app to plumb_owner;
        grant select on app.oversold to plumb_owner;
        select declare_invariant('NOT_OVERSOLD', 'app.oversold', 'P2', 'One seat.');
        select watch_table('NOT_OVERSOLD', 'app.seats', 'flight');
        select enforce_invariant('NOT_OVERSOLD', 'commit');
        insert into app.seats_1 values (1, 1, 1);
        """
    )
    for table in ("app.seats", "app.seats_1"):
        with pytest.raises(psycopg.errors.CheckViolation, match="NOT_OVERSOLD"):
            db.execute(f"insert into {table} values (1, 2, 1)")


@pytest.fixture
def seats(db, connect):
    """Yield a session of an owner without rights on ours, whose partitioned table is enforced."""
    db.execute(
        """
        create role seat_owner;
        create schema app authorization seat_owner;
        set role seat_owner;
        create table app.seats (flight int, seat int, taken int) partition by range (flight);
        create view app.oversold as
        select flight as subject from app.seats group by flight having sum(taken) > 1;
        reset role;
        select declare_invariant('NOT_OVERSOLD', 'app.oversold', 'P2', 'One seat.');
        select watch_table('NOT_OVERSOLD', 'app.seats', 'flight');
        select enforce_invariant('NOT_OVERSOLD', 'commit');
        """
    )
    yield connect(role="seat_owner")
    db.execute("drop owned by seat_owner cascade; drop role seat_owner")


def test_the_owner_of_a_partitioned_table_makes_parts_and_each_is_enforced(seats):
    seats.execute(
        """
        create table app.seats_1 partition of app.seats for values from (1) to (10)
        partition by range (flight);
        create table app.seats_1a partition of app.seats_1 for values from (1) to (5);
        create table app.seats_2 (like app.seats);
        alter table app.seats attach partition app.seats_2 for values from (10) to (20);
        """
    )
    for table, flight in (("seats", 1), ("seats_1", 2), ("seats_1a", 3), ("seats_2", 11)):
        seats.execute(f"insert into app.{table} values ({flight}, 1, 1)")
        with pytest.raises(psycopg.errors.CheckViolation, match="NOT_OVERSOLD"):
            seats.execute(f"insert into app.{table} values ({flight}, 2, 1)")


def test_a_detached_part_is_no_longer_enforced(seats):
    seats.execute("create table app.part partition of app.seats for values from (1) to (10)")
    seats.execute("alter table app.seats detach partition app.part")

    seats.execute("insert into app.part values (1, 1, 1), (1, 2, 1)")

    [(count,)] = seats.execute(
        "select count(*) from pg_trigger where tgrelid = 'app.part'::regclass"
        " and tgname ~ '^plumb_collect'"
    ).fetchall()
    assert count == 0


def test_tables_without_a_common_column_cannot_be_enforced(shop):
    shop.execute(
        """
        create view retail.lost_items as
        select i.sale_item_id as subject, i.sale_id from retail.sale_items as i
        where i.quantity < 0;
        select declare_invariant('NO_LOST_ITEMS', 'retail.lost_items', 'P3', 'None is lost.');
        select watch_table('NO_LOST_ITEMS', 'retail.sale_items', 'sale_item_id'),
            watch_table('NO_LOST_ITEMS', 'retail.sales', 'sale_id', 'sale_id');
        """
    )
    with pytest.raises(psycopg.Error, match="share no watched column") as refused:
        shop.execute("select enforce_invariant('NO_LOST_ITEMS', 'commit')")
    assert refused.value.sqlstate == "PL005"


def test_all_seven_can_be_enforced_and_an_honest_sale_still_passes(shop):
    shop.execute("select enforce_invariant(name, 'commit') from invariants")
    with shop.transaction():
        sell(shop, 1, 4)
        shop.execute(
            "insert into stock_ledger (product_id, delta, reason, sale_id)"
            " values (2, -1, 'SALE', 2)"
        )
        shop.execute("insert into payments (sale_id, customer_id, amount) values (2, 1, 4)")
        shop.execute("update sales set status = 'PAID' where sale_id = 2")
    assert shop.execute("select distinct status from check_invariants()").fetchall() == [("holds",)]
    with pytest.raises(psycopg.errors.CheckViolation, match="NO_DUPLICATE_INVOICES"):
        sell(shop, 1, 4)


@pytest.mark.parametrize(
    ("first_level", "second_level", "sqlstate"),
    [
        (RC, RC, "23514"),
        (RC, RR, "40001"),
        (RR, RC, "23514"),
        (RR, RR, "40001"),
        (SERIALIZABLE, SERIALIZABLE, "40001"),
        (RC, SERIALIZABLE, "40001"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_two_sessions_that_would_each_pass_alone_do_not_pass_together(
    strict, connect, wait_until_blocked, first_level, second_level, sqlstate
):
    first, second = connect(autocommit=False), connect(autocommit=False)
    first.isolation_level, second.isolation_level = first_level, second_level
    sell(first, 1, 60, "R-10")
    sell(second, 1, 60, "R-11")
    # The first has checked and holds its locks, but is not committed yet.
    first.execute("set constraints all immediate")

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(second.commit)
        wait_until_blocked(second)
        first.commit()
        with pytest.raises(psycopg.Error) as refused:
            waiting.result(timeout=10)

    assert refused.value.sqlstate == sqlstate
    assert owed(strict, 1) == 60


def test_two_spellings_of_one_invoice_number_do_not_pass_together(
    strict, connect, wait_until_blocked
):
    strict.execute("select enforce_invariant('NO_DUPLICATE_INVOICES', 'commit')")
    first, second = connect(autocommit=False), connect(autocommit=False)
    sell(first, 1, 5, "R-10")
    sell(second, 2, 5, "r- 10")
    first.execute("set constraints all immediate")

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(second.commit)
        wait_until_blocked(second)
        first.commit()
        with pytest.raises(psycopg.errors.CheckViolation, match="NO_DUPLICATE_INVOICES"):
            waiting.result(timeout=10)


def test_an_old_snapshot_may_not_commit_over_what_it_could_not_see(strict, connect):
    old = connect(autocommit=False)
    old.isolation_level = RR
    old.execute("select 1 from retail.sales")
    sell(strict, 1, 60, "R-10")
    with pytest.raises(psycopg.errors.SerializationFailure):
        sell(old, 1, 60, "R-11")
        old.commit()
    old.rollback()
    with pytest.raises(psycopg.errors.CheckViolation):
        sell(old, 1, 60, "R-11")
        old.commit()


def test_sessions_with_other_keys_do_not_wait(strict, connect):
    first, second = connect(autocommit=False), connect(autocommit=False)
    sell(first, 1, 60, "R-10")
    first.execute("set constraints all immediate")
    second.execute("set lock_timeout = '2s'")
    sell(second, 2, 60, "R-11")
    second.commit()
    first.commit()
    assert (owed(strict, 1), owed(strict, 2)) == (60, 60)


def test_sessions_that_change_the_same_keys_in_another_order_do_not_deadlock(strict, connect):
    def trade(session, customers):
        for round_number in range(10):
            with session.transaction():
                for customer in customers:
                    sell(session, customer, 1, f"R-{customers}-{round_number}-{customer}")

    sessions = [connect(), connect()]
    with ThreadPoolExecutor(2) as threads:
        done = [
            threads.submit(trade, session, customers)
            for session, customers in zip(sessions, [(1, 2), (2, 1)], strict=True)
        ]
        for result in done:
            result.result(timeout=30)
    assert (owed(strict, 1), owed(strict, 2)) == (20, 20)
