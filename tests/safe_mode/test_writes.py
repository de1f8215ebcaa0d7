"""While safe mode is on, no application table takes a write, by whatever way it comes."""

import psycopg
import pytest
from psycopg import errors

WRITES = {
    "insert": "insert into retail.customers (name) values ('Bob')",
    "insert on conflict": "insert into retail.customers (customer_id, name) values (1, 'x')"
    " on conflict do nothing",
    "insert of no row": "insert into retail.customers (name) select 'x' where false",
    "update": "update retail.customers set name = 'Eve'",
    "delete": "delete from retail.customers",
    "truncate": "truncate retail.payments",
    "merge": "merge into retail.customers as c using (values (1)) as v (id)"
    " on c.customer_id = v.id when matched then update set name = 'Eve'",
    "cte": "with gone as (delete from retail.products returning 1) select count(*) from gone",
    "ledger": "insert into retail.stock_ledger (product_id, delta, reason)"
    " values (1, 5, 'DELIVERY')",
}
ROLES = {
    "superuser": "select",
    "owner": "set role plumb_owner",
    "application": "set role retail_app",
    "replica role": "set session_replication_role = replica",
}


@pytest.mark.parametrize("role", ROLES)
def test_every_write_is_refused_as_read_only(shop, engage, role):
    shop.execute("grant truncate on all tables in schema retail to retail_app")
    engage()
    shop.execute(ROLES[role])

    for write in WRITES.values():
        with pytest.raises(
            errors.ReadOnlySqlTransaction, match=r"safe mode is on.*a test"
        ) as error:
            shop.execute(write)
        assert error.value.sqlstate == "25006"


def test_the_same_writes_work_when_safe_mode_is_off(shop):
    for write in WRITES.values():
        with shop.transaction(force_rollback=True):
            shop.execute(write)


def test_copy_is_refused(shop, engage):
    engage()

    with (
        pytest.raises(errors.ReadOnlySqlTransaction),
        shop.cursor() as cursor,
        cursor.copy("copy retail.customers (name) from stdin") as copy,
    ):
        copy.write_row(["Bob"])


def test_a_write_through_a_view_is_refused(shop, engage):
    shop.execute("create view public.people as select customer_id, name from retail.customers")
    engage()

    with pytest.raises(errors.ReadOnlySqlTransaction):
        shop.execute("insert into public.people (name) values ('Bob')")


def test_a_cascade_from_an_unguarded_table_is_refused(shop, engage):
    shop.execute("create table public.parents (id integer primary key)")
    shop.execute(
        "create table retail.children (id integer references public.parents on delete cascade)"
    )
    shop.execute("insert into public.parents values (1)")
    shop.execute("insert into retail.children values (1)")
    engage()

    with pytest.raises(errors.ReadOnlySqlTransaction, match=r"retail\.children"):
        shop.execute("delete from public.parents")


def test_reading_and_locking_rows_still_works(shop, engage):
    engage()

    assert shop.execute("select name from retail.customers").fetchall() == [("Ada",)]
    assert shop.execute("select name from retail.customers for update").fetchall() == [("Ada",)]


def test_unguarded_tables_and_our_own_keep_working(shop, engage):
    shop.execute("create table public.notes (note text)")
    engage()

    shop.execute("insert into public.notes values ('written')")
    shop.execute("select plumb.score_health()")
    shop.execute("select * from plumb.check_invariants()")
    shop.execute("select plumb.open_incident('test', 'x', 'P3', 'something')")
    shop.execute("create temporary table scratch as select 1 as n")
    shop.execute("drop table scratch, public.notes")


def test_a_direct_write_to_a_partition_is_refused(shop, engage):
    shop.execute("create table retail.events (id integer, day date) partition by range (day)")
    shop.execute(
        "create table retail.events_2030 partition of retail.events"
        " for values from ('2030-01-01') to ('2031-01-01')"
    )
    engage()

    for table in ("retail.events", "retail.events_2030"):
        with pytest.raises(errors.ReadOnlySqlTransaction):
            shop.execute(f"insert into {table} values (1, '2030-05-05')")


def test_a_partition_attached_later_is_guarded(shop, engage):
    shop.execute("create table retail.events (id integer, day date) partition by range (day)")
    shop.execute("create table public.events_2030 (id integer, day date)")
    shop.execute(
        "alter table retail.events attach partition public.events_2030"
        " for values from ('2030-01-01') to ('2031-01-01')"
    )
    engage()

    with pytest.raises(errors.ReadOnlySqlTransaction):
        shop.execute("insert into public.events_2030 values (1, '2030-05-05')")


def test_a_parent_outside_is_no_way_into_a_guarded_partition(shop, engage):
    shop.execute("create table public.events (id integer, day date) partition by range (day)")
    shop.execute(
        "create table retail.events_2030 partition of public.events"
        " for values from ('2030-01-01') to ('2031-01-01')"
    )
    engage()

    with pytest.raises(errors.ReadOnlySqlTransaction):
        shop.execute("insert into public.events values (1, '2030-05-05')")


@pytest.mark.parametrize(
    "creation",
    [
        "create table retail.later (id integer)",
        "create table retail.later as select 1 as id",
        "select 1 as id into retail.later",
        "create table public.later (id integer); alter table public.later set schema retail",
        "create unlogged table retail.later (id integer)",
    ],
)
def test_a_table_that_comes_later_is_guarded(shop, engage, creation):
    shop.execute(creation)
    engage()

    with pytest.raises(errors.ReadOnlySqlTransaction):
        shop.execute("insert into retail.later values (1)")


def test_a_schema_created_with_its_tables_is_guarded(shop, engage):
    shop.execute('create schema "Depot"')
    shop.execute("select plumb.change_setting('guarded_schemas', 'retail, Depot')")
    shop.execute('drop schema "Depot"')
    shop.execute('create schema "Depot" create table shelves (id integer)')
    engage()

    with pytest.raises(errors.ReadOnlySqlTransaction):
        shop.execute('insert into "Depot".shelves values (1)')


def test_adding_a_schema_to_the_setting_guards_its_tables_at_once(shop, engage):
    shop.execute("create schema depot")
    shop.execute("create table depot.shelves (id integer)")
    shop.execute("select plumb.change_setting('guarded_schemas', 'retail,depot')")
    engage()

    with pytest.raises(errors.ReadOnlySqlTransaction):
        shop.execute("insert into depot.shelves values (1)")


def test_a_statement_prepared_before_is_refused(shop, connect, engage):
    session = connect(prepare_threshold=0)
    insert = "insert into retail.customers (name) values (%s)"
    for name in ("Bob", "Cy"):
        session.execute(insert, [name])
    engage()

    with pytest.raises(errors.ReadOnlySqlTransaction):
        session.execute(insert, ["Dee"])


@pytest.mark.parametrize("level", ["REPEATABLE_READ", "SERIALIZABLE"])
def test_a_transaction_with_an_older_snapshot_is_refused(shop, connect, engage, level):
    session = connect(autocommit=False)
    session.isolation_level = psycopg.IsolationLevel[level]
    session.execute("select count(*) from retail.customers")
    engage()

    # It cannot see the switch, so it is told to try again; trying again tells it why.
    with pytest.raises(errors.SerializationFailure):
        session.execute("update retail.customers set name = 'Eve'")
    session.rollback()
    with pytest.raises(errors.ReadOnlySqlTransaction):
        session.execute("update retail.customers set name = 'Eve'")


def test_an_open_read_committed_transaction_is_refused_its_next_write(shop, connect, engage):
    session = connect(autocommit=False)
    session.execute("insert into retail.customers (name) values ('Bob')")
    engage()

    with pytest.raises(errors.ReadOnlySqlTransaction):
        session.execute("insert into retail.customers (name) values ('Cy')")
    session.rollback()
    assert shop.execute("select count(*) from retail.customers").fetchone() == (1,)


DESTRUCTIVE = [
    "drop table retail.payments cascade",
    "drop schema retail cascade",
    "alter table retail.customers drop column name",
    "alter table retail.customers add column note text",
    "alter table retail.customers add column token uuid default gen_random_uuid()",
    "alter table retail.stock set unlogged",
    "drop trigger plumb_safe_mode on retail.customers",
    "select plumb.unguard_table('retail.customers')",
    "create table retail.copies as select * from retail.customers",
    "select * into retail.copies from retail.customers",
]


def test_ddl_that_destroys_or_writes_guarded_data_is_refused(shop, engage):
    engage()

    for command in DESTRUCTIVE:
        with pytest.raises(errors.ReadOnlySqlTransaction, match="safe mode is on"):
            shop.execute(command)


def test_ddl_that_keeps_guarded_data_works(shop, engage):
    engage()

    shop.execute("create index on retail.customers (name)")
    shop.execute("create table retail.empty (id integer)")
    shop.execute("analyze retail.customers")


def test_ddl_works_again_when_safe_mode_is_off(shop, engage, disengage):
    shop.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    engage()
    disengage()

    shop.execute("alter table retail.payments add column paid_on date default current_date")
    shop.execute("drop table retail.payments cascade")
