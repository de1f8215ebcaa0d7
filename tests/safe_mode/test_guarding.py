"""What is guarded, and that guarding again disturbs nobody."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo
from waiting import wait_until

GUARDS = "select oid, xmin::text from pg_trigger where tgname like 'plumb_safe_mode%' order by oid"
WRITE_LOCKS = (
    "select relation::regclass::text, mode from pg_locks"
    " where pid = pg_backend_pid() and locktype = 'relation'"
    " and relation::regclass::text like 'retail.%' and mode <> 'AccessShareLock'"
)


def test_every_table_of_the_shop_is_guarded_from_the_start(db):
    assert db.execute("select relation from guarded where not obeys_safe_mode").fetchall() == []
    assert db.execute("select count(*) > 5 from guarded").fetchone() == (True,)


def test_guarding_again_changes_nothing_and_locks_nobody(db):
    before = db.execute(GUARDS).fetchall()

    with db.transaction():
        db.execute("select plumb.guard_schemas()")
        locks = db.execute(WRITE_LOCKS).fetchall()

    assert locks == []
    assert db.execute(GUARDS).fetchall() == before


def test_guarding_again_does_not_wait_for_a_writer(db, connect):
    writer = connect(autocommit=False)
    writer.execute("insert into retail.customers (name) values ('Bob')")
    db.execute("set lock_timeout = '1s'")

    assert db.execute("select plumb.guard_schemas()").fetchone()[0] > 5


DAMAGES = [
    "alter table public.notes disable trigger plumb_safe_mode",
    "alter table public.notes enable trigger plumb_safe_mode",
    "drop trigger plumb_safe_mode on public.notes",
]


def test_a_damaged_guard_is_visible_and_repaired_by_guarding_again(db):
    db.execute("create table public.notes (id integer)")
    unguarded = "select relation from guarded where not obeys_safe_mode"
    for damage in DAMAGES:
        db.execute("select plumb.guard_table('public.notes')")
        assert db.execute(unguarded).fetchall() == []

        db.execute(damage)

        assert db.execute(unguarded).fetchall() == [("public.notes",)]


def test_a_guard_disabled_in_a_guarded_schema_is_back_at_once(db):
    db.execute("alter table retail.stock disable trigger all")

    assert db.execute("select relation from guarded where not obeys_safe_mode").fetchall() == []


def test_a_table_elsewhere_can_be_guarded_and_let_go(db, engage):
    db.execute('create table public."Odd name" (id integer)')
    db.execute("""select plumb.guard_table('public."Odd name"')""")
    assert ('public."Odd name"', True) in db.execute(
        "select relation, obeys_safe_mode from guarded"
    ).fetchall()

    db.execute("""select plumb.unguard_table('public."Odd name"')""")
    db.execute("""select plumb.unguard_table('public."Odd name"')""")
    engage()

    db.execute('insert into public."Odd name" values (1)')
    assert db.execute(
        "select count(*) from plumb.guarded_tables where relation like '%Odd%'"
    ).fetchone() == (0,)


def test_an_operator_guards_a_table_that_is_not_his(db, connect):
    db.execute("create table public.notes (id integer)")
    session = connect()
    session.execute("set role plumb_operator")

    session.execute("select plumb.guard_table('public.notes')")

    assert ("public.notes", True) in db.execute(
        "select relation, obeys_safe_mode from guarded"
    ).fetchall()


@pytest.mark.parametrize("relation", ["plumb.jobs", "pg_class", "plumb.guarded", None])
def test_what_cannot_be_guarded_is_refused_by_name(db, relation):
    with pytest.raises(errors.Error, match="cannot be guarded") as error:
        db.execute("select plumb.guard_table(%s::regclass)", [relation])
    assert error.value.sqlstate == "PL002"


@pytest.mark.slow
def test_rows_from_logical_replication_are_refused_and_come_later(db, connect, disengage):
    if db.execute("show wal_level").fetchone()[0] != "logical":
        pytest.skip("the server's wal_level is not logical")
    source = sql.Identifier(db.info.dbname + "_source")
    db.execute("create table retail.feed (id integer primary key)")
    db.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    with (
        psycopg.connect(db.info.dsn, dbname="postgres", autocommit=True) as server,
        remote_database(server, source) as publisher,
    ):
        info = publisher.info
        source_address = make_conninfo(
            host=info.host, port=info.port, user=info.user, dbname=info.dbname
        )
        publisher.execute("create schema retail create table feed (id integer primary key)")
        publisher.execute("create publication feed for table retail.feed")
        publisher.execute("select pg_create_logical_replication_slot('plumb_feed', 'pgoutput')")
        db.execute(
            sql.SQL(
                "create subscription feed connection {} publication feed"
                " with (create_slot = false, slot_name = plumb_feed, copy_data = false)"
            ).format(source_address)
        )
        try:
            db.execute("select plumb.engage_safe_mode('a test', 'ops')")
            publisher.execute("insert into retail.feed values (1)")
            wait_for(db, "select apply_error_count > 0 from pg_stat_subscription_stats")
            assert db.execute("select count(*) from retail.feed").fetchone() == (0,)

            assert disengage() == "disengaged"

            wait_for(db, "select count(*) = 1 from retail.feed")
        finally:
            db.execute("alter subscription feed disable")
            db.execute("alter subscription feed set (slot_name = none)")
            db.execute("drop subscription feed")
            wait_for(
                publisher,
                "select not active from pg_replication_slots where slot_name = 'plumb_feed'",
            )
            publisher.execute("select pg_drop_replication_slot('plumb_feed')")


@contextmanager
def remote_database(server, name):
    server.execute(sql.SQL("create database {} template template0").format(name))
    try:
        dsn = make_conninfo(server.info.dsn, dbname=name.as_string()[1:-1])
        with psycopg.connect(dsn, autocommit=True) as session:
            yield session
    finally:
        server.execute(sql.SQL("drop database {} with (force)").format(name))


def wait_for(session, condition):
    wait_until(lambda: session.execute(condition).fetchone()[0], seconds=15)


@pytest.fixture
def app(db):
    db.execute("create schema app; create table app.a (id int); create table app.b (id int)")
    db.execute("create table app.c (id int) partition by range (id)")
    db.execute("create table app.c1 partition of app.c default")
    return db


def guarded(db):
    rows = db.execute(
        "select relation from plumb.guarded where relation like 'app.%' and obeys_safe_mode"
        " order by relation"
    )
    return [name for (name,) in rows.fetchall()]


def test_a_schema_in_use_is_guarded_one_table_a_transaction(app, connect):
    writer, other, guarding = connect(autocommit=False), connect(), connect()
    writer.execute("insert into app.b values (1)")
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(guarding.execute, "call plumb.guard_schema('app')")
        # The others are done and written to while it waits for one.
        wait_until(lambda: guarded(app) == ["app.a", "app.c", "app.c1"], 20)
        other.execute("set lock_timeout = '300ms'; insert into app.a values (1)")
        assert "app" not in app.execute("select plumb.setting('guarded_schemas')").fetchone()[0]
        writer.commit()
        done.result(timeout=30)
    assert guarded(app) == ["app.a", "app.b", "app.c", "app.c1"]
    app.execute("create table app.d (id int)")
    assert "app.d" in guarded(app)
    app.execute("call plumb.guard_schema('app')")


def test_a_table_that_stays_locked_is_named_and_the_rest_stays_guarded(app, connect):
    connect(autocommit=False).execute("insert into app.b values (1)")
    with pytest.raises(psycopg.Error, match=r"locked by others all the time: app\.b"):
        app.execute("call plumb.guard_schema('app', 1)")
    assert guarded(app) == ["app.a", "app.c", "app.c1"]
    with pytest.raises(psycopg.Error, match="there is no schema 'none'"):
        app.execute("call plumb.guard_schema('none')")


def test_what_is_written_by_reading_stays_writable_until_it_is_guarded_by_name(app, engage):
    """Nobody could log in or look with sessions, caches and queues in safe mode."""
    app.execute('create table app.user_sessions (id int); create table app."jobQueue" (id int)')
    app.execute("create table app.queued (id int)")
    app.execute("call plumb.guard_schema('app')")
    app.execute("create table app.page_cache (id int); create table app.obsessions (id int)")

    assert guarded(app) == ["app.a", "app.b", "app.c", "app.c1", "app.obsessions"]
    assert app.execute("select plumb.missing_guards()").fetchall() == []

    app.execute("select plumb.guard_table('app.queued')")
    engage()
    app.execute("insert into app.user_sessions values (1)")
    for name in ("a", "queued"):
        with pytest.raises(errors.ReadOnlySqlTransaction):
            app.execute(sql.SQL("insert into app.{} values (1)").format(sql.Identifier(name)))
