"""A seal closes exactly what had committed, once, in whatever order."""

import threading

import psycopg
import pytest

from .conftest import findings, logged, seal


def members(db, seal_id):
    return db.execute(
        "select transaction_count from seals where seal_id = %s", [seal_id]
    ).fetchone()[0]


def test_each_transaction_is_sealed_once(audit):
    audit.execute("insert into app.item values (1)")
    first = seal(audit)
    audit.execute("insert into app.item values (2)")
    audit.execute("insert into app.item values (3)")
    second = seal(audit)
    assert (members(audit, first), members(audit, second)) == (1, 2)
    assert findings(audit) == []


def test_nothing_new_makes_no_seal(audit):
    audit.execute("insert into app.item values (1)")
    assert seal(audit) == seal(audit)


def test_a_quiet_log_has_a_heartbeat(audit):
    newest = seal(audit)
    audit.execute("select change_setting('seal_heartbeat_seconds', '0')")
    assert seal(audit) == newest + 1


def test_who_commits_late_is_sealed_late(audit, connect):
    slow = connect()
    with slow.transaction():
        slow.execute("insert into app.item values (1)")
        audit.execute("insert into app.item values (2)")
        early = seal(audit)
        slow.execute("insert into app.item values (3)")
    late = seal(audit)
    assert (members(audit, early), members(audit, late)) == (1, 1)
    assert findings(audit) == []


def test_an_old_snapshot_is_sealed_when_it_commits(audit, connect):
    old = connect()
    with old.transaction():
        old.execute("set transaction isolation level repeatable read")
        old.execute("select count(*) from app.item")
        for key in range(3):
            audit.execute("insert into app.item values (%s)", [key])
            seal(audit)
        old.execute("insert into app.item values (10)")
        seal(audit)
    newest = seal(audit)
    assert members(audit, newest) == 1
    assert findings(audit) == []


def test_a_prepared_transaction_is_sealed_after_its_commit(audit, connect):
    session = connect()
    session.execute("begin")
    session.execute("insert into app.item values (1)")
    (txid,) = session.execute("select pg_current_xact_id()::text::bigint").fetchone()
    session.execute("prepare transaction 'audit-test'")
    try:
        before = seal(audit)
        sealed = (
            "select count(*) from audit_log where txid::text::bigint = %s and seal_id is not null"
        )
        assert audit.execute(sealed, [txid]).fetchone() == (0,)
    finally:
        session.execute("commit prepared 'audit-test'")
    after = seal(audit)
    assert after == before + 1
    assert audit.execute(sealed, [txid]).fetchone() == (1,)
    assert members(audit, after) == 1
    assert findings(audit) == []


def test_sealing_inside_a_writing_transaction_leaves_that_one_open(audit):
    with audit.transaction():
        audit.execute("insert into app.item values (1)")
        seal(audit)
        audit.execute("insert into app.item values (2)")
    newest = seal(audit)
    assert logged(audit, "app.item", "n") == [(1,), (2,)]
    assert members(audit, newest) == 1
    assert findings(audit) == []


def test_two_sealers_never_fork(audit, connect):
    sessions = [connect() for _ in range(4)]

    def work(session, base):
        for key in range(10):
            session.execute("insert into app.item values (%s)", [base + key])
            seal(session)

    threads = [
        threading.Thread(target=work, args=(session, 1000 * index))
        for index, session in enumerate(sessions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal(audit)
    assert findings(audit) == []
    assert (
        audit.execute("select sum(row_count) from seals").fetchone()
        == audit.execute("select count(*) from audit_log").fetchone()
    )


def test_sealing_needs_read_committed(audit):
    with pytest.raises(psycopg.Error) as error, audit.transaction():
        audit.execute("set transaction isolation level repeatable read")
        seal(audit)
    assert error.value.sqlstate == "PL005"


@pytest.mark.of_one_form("A copy has no slot: test_capture_failures shows what becomes of it.")
def test_a_copy_opens_a_new_incarnation_and_takes_in_what_was_unsealed(audit, connect):
    audit.execute("insert into app.item values (1)")
    # What a restore changes: another origin, and transaction numbers that begin anew.
    audit.execute(
        "create or replace function plumb.seal_origin() returns text language sql stable"
        " as $$ select '1/1/1' $$"
    )
    audit.execute("insert into app.item values (2)")
    opening = seal(audit)
    audit.execute("insert into app.item values (3)")
    seal(audit)
    assert audit.execute(
        "select is_opening, transaction_count from seals where seal_id = %s", [opening]
    ).fetchone() == (True, 2)
    assert findings(audit) == []
    assert findings(audit, opening) == []


def test_partitions_are_made_before_a_seal_needs_them(audit):
    audit.execute("select change_setting('audit_partition_seals', '60')")
    audit.execute("select change_setting('seal_heartbeat_seconds', '0')")
    audit.execute("select extend_audit_log(50000)")
    count = audit.execute(
        "select count(*) from pg_inherits where inhparent = 'audit_blocks'::regclass"
    ).fetchone()[0]
    assert count == 3


def test_the_feed_gives_each_change_once(audit):
    for key in range(3):
        audit.execute("insert into app.item values (%s)", [key])
        seal(audit)
    newest = seal(audit)
    rows = audit.execute(
        "select seal_id, record_key from changes(%s, %s)", [newest - 1, newest]
    ).fetchall()
    assert rows == [(newest - 1, "1"), (newest, "2")]


def test_a_backlog_is_sealed_in_steps_of_whole_transactions(audit, connect):
    audit.execute("insert into app.loose select g from generate_series(1, 100001) as g")
    audit.execute("insert into app.item values (1)")
    writer = connect()
    with writer.transaction():
        writer.execute("insert into app.item values (2)")
        first, second = seal(audit), seal(audit)
    third = seal(audit)
    assert audit.execute(
        "select transaction_count, row_count from seals where seal_id >= %s order by seal_id",
        [first],
    ).fetchall() == [(1, 100001), (1, 1), (1, 1)]
    assert (second, third) == (first + 1, first + 2)
    assert audit.execute("select count(*) from audit_intake").fetchone() == (0,)
    assert findings(audit) == []


def test_the_job_seals_a_backlog_in_one_run(audit):
    audit.execute("insert into app.loose select g from generate_series(1, 100001) as g")
    audit.execute("insert into app.item values (1)")
    # A run takes half of its interval at most, however slow this machine is.
    audit.execute("select change_setting('seal_interval_ms', '3600000')")
    audit.execute("select run_seal()")
    assert audit.execute("select count(*) from audit_intake").fetchone() == (0,)


def test_what_is_not_sealed_yet_is_seen_as_such(audit):
    audit.execute("insert into app.item values (1)")
    query = "select seal_id is null, row_hash is null from audit_log where record_key = '1'"
    assert audit.execute(query).fetchone() == (True, True)
    seal(audit)
    assert audit.execute(query).fetchone() == (False, False)


def test_rows_of_every_isolation_level_are_sealed_once(audit, connect):
    session = connect()
    for key, level in enumerate(("read committed", "repeatable read", "serializable"), 1):
        with session.transaction():
            session.execute(f"set transaction isolation level {level}")
            session.execute("insert into app.item values (%s)", [key])
            seal(audit)
            session.execute("update app.item set name = 'x' where id = %s", [key])
    seal(audit)
    assert audit.execute(
        "select record_key, n, op from audit_log where relation = 'app.item'"
        " and op in ('INSERT', 'UPDATE') order by record_key, n"
    ).fetchall() == [
        (str(key), n, op) for key in (1, 2, 3) for n, op in ((1, "INSERT"), (2, "UPDATE"))
    ]
    assert findings(audit) == []


@pytest.mark.of_one_form("Nobody who writes to a captured table writes to the intake.")
@pytest.mark.parametrize("published", ["all tables", "tables in schema plumb"])
def test_a_publication_of_our_tables_stops_no_seal(audit, connect, published):
    audit.execute(f"create publication everything for {published}")
    audit.execute("insert into app.item values (1)")
    # Whoever writes at that moment keeps the intake as it is, and nobody waits for long.
    writer = connect()
    with writer.transaction():
        writer.execute("insert into app.item values (2)")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            audit.execute("select seal_audit()")
    seal(audit)

    assert audit.execute("select count(*) from plumb.audit_intake").fetchone() == (0,)
    assert logged(audit, "app.item") and findings(audit) == []
