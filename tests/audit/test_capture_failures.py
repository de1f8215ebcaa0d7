"""Whatever ends, is lost or is forged: the log has each change once, or says where it has not."""

import contextlib
import threading
import time

import psycopg
import pytest
from waiting import wait_until

from .capturing import capture, events, rows_of
from .clusters import agreed, connect, copy_of, has_caught_up, kill, run, unreconciled
from .conftest import seal


@pytest.fixture
def app(db):
    """Yield the test's connection with a captured table app.item of three rows."""
    db.execute("create schema app")
    db.execute("create table app.item (id integer primary key, n integer)")
    db.execute("insert into app.item select i, 0 from generate_series(1, 3) as i")
    db.execute("select audit_table('app.item', capture => 'wal')")
    capture(db)
    seal(db)
    return db


def gaps(db):
    return [
        row
        for (row,) in db.execute("select new_row from audit_log where op = 'GAP' order by position")
    ]


def begins_anew(db):
    """Let the jobs find a gap and take a baseline, and return what a person is told."""
    capture(db)
    seal(db)
    assert ("log_has_gap", "app.item") in [event[:2] for event in events(db)]
    db.execute("select run_audit_check(true)")
    seal(db)
    assert unreconciled(db) == []
    assert agreed(db) == []
    return {
        (kind, key)
        for kind, key in db.execute(
            "select kind, record_key from audit_findings where cleared_at is null"
            " and relation = 'app.item' and kind like 'row%'"
        )
    }


def test_a_server_killed_at_any_moment_loses_and_doubles_nothing(own_log):
    cluster, name = own_log
    with connect(cluster, name) as db:
        db.execute("select audit_table('app.item', capture => 'wal')")
        # PostgreSQL writes the values of a sequence to the WAL 32 ahead, and a copied database has
        # nothing of that before its first checkpoint: a crash would give positions twice.
        db.execute("checkpoint")
    number = 0
    for moment in (0, 0.002, 0.01, 0.03, 0.1, 0.3):
        is_over = threading.Event()

        def read(is_over=is_over):
            with contextlib.suppress(psycopg.OperationalError), connect(cluster, name) as reader:
                while not is_over.is_set():
                    capture(reader)
                    seal(reader)

        with connect(cluster, name) as db:
            reader = threading.Thread(target=read)
            reader.start()
            ends_at = time.monotonic() + 0.3 + moment
            with contextlib.suppress(psycopg.OperationalError):
                while time.monotonic() < ends_at:
                    db.execute("insert into app.item (id) values (%s)", [number])
                    number += 1
            kill(cluster)
        is_over.set()
        reader.join()
        cluster.start()
    with connect(cluster, name) as db:
        logged = rows_of(db, "app.item", "record_key::int")
        stored = db.execute("select id from app.item order by id").fetchall()
        assert logged == stored
        assert len(stored) >= number > 20
        assert agreed(db) == []
        assert gaps(db) == []


def test_a_backend_ended_in_the_middle_leaves_nothing_half(app, connect):
    app.execute("insert into app.item select i, 0 from generate_series(10, 30000) as i")
    reader = connect()

    def read():
        with contextlib.suppress(psycopg.Error):
            reader.execute("select run_capture()")

    for wait_seconds in (0.05, 0.2, 0.4):
        app.execute("update audit_capture set read_seconds = 0")
        thread = threading.Thread(target=read)
        thread.start()
        time.sleep(wait_seconds)
        app.execute("select pg_terminate_backend(%s, 5000)", [reader.info.backend_pid])
        thread.join()
        reader = connect()

    assert len(set(rows_of(app, "app.item", "record_key"))) == 30000 - 9
    assert len(rows_of(app, "app.item", "record_key")) == 30000 - 9


USES = {
    "drop": "select pg_drop_replication_slot(slot_name()::text)",
    "advance": "select pg_replication_slot_advance(slot_name()::text, pg_current_wal_lsn())",
    "take": "select count(*) from pg_logical_slot_get_binary_changes(slot_name()::text, null, null,"
    " 'proto_version', '1', 'publication_names', 'plumb_audit')",
}


@pytest.mark.parametrize("how", USES)
def test_a_slot_that_somebody_else_used_is_a_gap_that_is_filled(app, how):
    app.execute("update app.item set n = 1 where id = 1")
    app.execute(USES[how])
    app.execute("update app.item set n = 2 where id = 2")
    (status,) = app.execute(
        "select status from database_checks where check_name = 'audit_slot'"
    ).fetchone()

    assert status == "critical"
    assert (
        {("row_differs", "1")} <= begins_anew(app) <= {("row_differs", "1"), ("row_differs", "2")}
    )
    assert len(gaps(app)) == 1
    assert {"from_lsn", "to_lsn", "reason"} <= gaps(app)[0].keys()
    app.execute("update app.item set n = 3 where id = 3")
    assert rows_of(app, "app.item", "record_key")[-1:] == [("3",)]
    assert unreconciled(app) == []


def test_a_promoted_standby_declares_what_it_cannot_know(own_log):
    cluster, name = own_log
    with connect(cluster, name) as db:
        db.execute("insert into app.item (id, name) values (1, 'a'), (2, 'b')")
        db.execute("select audit_table('app.item', capture => 'wal')")
        with copy_of(cluster, is_standby=True) as copy:
            copy.start()
            db.execute("update app.item set name = 'c' where id = 1")
            capture(db)
            seal(db)
            db.execute("update app.item set name = 'd' where id = 2")
            with connect(copy, name) as standby:
                has_caught_up(db, standby)
                standby.execute("select pg_promote()")
                wait_until(
                    lambda: not standby.execute("select pg_is_in_recovery()").fetchone()[0], 60
                )
            with connect(copy, name) as promoted:
                assert begins_anew(promoted) == {("row_differs", "2")}
                assert len(gaps(promoted)) == 1
                promoted.execute("update app.item set name = 'e' where id = 2")
                assert rows_of(promoted, "app.item", "record_key")[-1:] == [("2",)]


def test_wal_that_was_removed_is_a_gap(own_log):
    cluster, name = own_log
    with connect(cluster, name) as db:
        db.execute("insert into app.item (id, name) values (1, 'a')")
        db.execute("select audit_table('app.item', capture => 'wal')")
        capture(db)
        db.execute("alter system set max_slot_wal_keep_size = '1MB'")
        db.execute("select pg_reload_conf()")
        db.execute("update app.item set name = 'b'")
        for _ in range(3):
            db.execute("select pg_switch_wal()")
            db.execute(
                "create table public.noise as select repeat('x', 1000) from generate_series(1, 100)"
            )
            db.execute("drop table public.noise")
            db.execute("checkpoint")
        assert db.execute("select wal_status from pg_replication_slots").fetchone() == ("lost",)
        assert begins_anew(db) == {("row_differs", "1")}


def test_a_restored_dump_begins_anew(own_log):
    cluster, name = own_log
    with connect(cluster, name) as db:
        db.execute("insert into app.item (id, name) values (1, 'a')")
        db.execute("select audit_table('app.item', capture => 'wal')")
        db.execute("update app.item set name = 'b'")
        capture(db)
        seal(db)
        dump = cluster.log_directory / f"{name}.dump"
        run(
            cluster.programs / "pg_dump",
            "--format",
            "custom",
            "--file",
            dump,
            "--dbname",
            cluster.url(name),
        )
    with connect(cluster, "postgres") as session:
        session.execute(f"create database {name}_restored")
    try:
        run(
            cluster.programs / "pg_restore",
            "--exit-on-error",
            "--dbname",
            cluster.url(f"{name}_restored"),
            dump,
        )
        with connect(cluster, f"{name}_restored") as copy:
            copy.execute("update app.item set name = 'c'")
            begins_anew(copy)
            copy.execute("update app.item set name = 'd'")
            assert rows_of(copy, "app.item", "new_row ->> 'name'")[-1:] == [("d",)]
            assert unreconciled(copy) == []
    finally:
        dump.unlink()
        with connect(cluster, "postgres") as session:
            session.execute(f"drop database {name}_restored with (force)")


@pytest.fixture
def mallory(app, connect):
    """Yield a session of a role that may insert into app.item."""
    app.execute("create role mallory login")
    app.execute("grant usage on schema app to mallory")
    app.execute("grant insert on app.item to mallory")
    yield connect(user="mallory")
    app.execute("drop owned by mallory cascade; drop role mallory")


def test_no_message_of_others_counts_or_stops_anything(app, mallory):
    forged = b"\x00" * 8 + b"\x00\x00\x00\x08\x00\x00\x00\x05app.itemadmintill 1"
    messages = [
        b"",
        b"\x00",
        b"\xff" * 31,
        b"\xff" * 100,
        b"x" * 32,
        b"x" * 32 + forged,
        b"x" * 32 + b"\xff" * 16,
    ]
    with mallory.transaction():
        mallory.execute("insert into app.item values (10, 0)")
        for prefix in ("plumb", "plumb_row", "plumb_tick", "", "plumbline", "other"):
            for message in messages:
                for is_transactional in (True, False):
                    mallory.execute(
                        "select pg_logical_emit_message(%s, %s, %s::bytea)",
                        [is_transactional, prefix, message],
                    )
        mallory.execute("select pg_logical_emit_message(true, 'other', repeat('x', 50000000))")
        for prefix in ("plumb", "plumb_row", "plumb_tick"):
            mallory.execute(
                "select pg_logical_emit_message(true, %s, repeat('x', 3000000))"
                " from generate_series(1, 20)",
                [prefix],
            )
    # A message that is ours, sent again by somebody who could read the WAL.
    (ours,) = app.execute(
        "select substr(data, 20 + 0) from pg_logical_slot_peek_binary_changes(slot_name()::text,"
        " null, null, 'proto_version', '1', 'publication_names', 'plumb_audit', 'messages', 'true')"
        " where get_byte(data, 0) = 77 and substr(data, 11, 6) = 'plumb\\000'::bytea limit 1"
    ).fetchone()
    app.execute("alter table app.item disable trigger plumb_audit_statement")
    with mallory.transaction():
        mallory.execute("select pg_logical_emit_message(true, 'plumb', %s::bytea)", [ours[1:]])
        mallory.execute("insert into app.item values (11, 0)")

    largest = app.execute(
        "select max(octet_length(m.data)) from read_slot(null) as m (data)"
        " where get_byte(m.data, 0) = 77"
    )
    assert largest.fetchone()[0] <= 65536
    assert rows_of(app, "app.item", "record_key, actor") == [("10", "mallory"), ("11", "")]
    assert ("actor_missing", "app.item", None) in events(app)


def test_a_session_that_prints_its_plans_does_not_see_the_secret(app, mallory):
    (key,) = app.execute("select message_key from audit_message_key").fetchone()
    printed = "".join(str(byte - 256 if byte > 127 else byte) for byte in key)
    seen = {"app": [], "mallory": []}
    for session, name in ((app, "app"), (mallory, "mallory")):
        session.add_notice_handler(lambda d, name=name: seen[name].append(d.message_detail or ""))
        session.execute("set debug_print_plan = on; set client_min_messages = log")
    app.execute(f"select '\\x{key.hex()}'::bytea")
    mallory.execute("insert into app.item values (10, 0)")
    app.execute("reset debug_print_plan; reset client_min_messages")

    # The server breaks long lines anywhere.
    plans = {name: "".join("".join(details).split()) for name, details in seen.items()}
    assert printed in plans["app"]
    assert plans["mallory"]
    assert printed not in plans["mallory"]
    assert rows_of(app, "app.item", "record_key, actor") == [("10", "mallory")]


@pytest.mark.parametrize(
    ("check", "break_it", "repair_it"),
    [
        (
            "audit_identity",
            "alter table app.item replica identity default",
            "alter table app.item replica identity full",
        ),
        (
            "audit_publication",
            "alter publication plumb_audit drop table app.item",
            "alter publication plumb_audit add table app.item",
        ),
        (
            "audit_publication",
            "alter publication plumb_audit set (publish = 'insert')",
            "alter publication plumb_audit set (publish = 'insert, update, delete, truncate')",
        ),
        (
            "audit_slot",
            "select pg_drop_replication_slot(slot_name()::text)",
            "select run_capture()",
        ),
        (
            "audit_capture_lag",
            "update audit_capture set captured_at = now() - interval '1 hour'",
            "select run_capture()",
        ),
        (
            "audit_slot_space",
            "select change_setting('check_audit_slot_space_warning', '0'),"
            " change_setting('check_audit_slot_space_critical', '0')",
            "select change_setting('check_audit_slot_space_warning', '50'),"
            " change_setting('check_audit_slot_space_critical', '80')",
        ),
        (
            "audit_slot_holder",
            "begin; insert into app.item values (7); prepare transaction 'held';"
            " select change_setting('check_audit_slot_holder_warning', '0'),"
            " change_setting('check_audit_slot_holder_critical', '0')",
            "select change_setting('check_audit_slot_holder_critical', '3600'),"
            " change_setting('check_audit_slot_holder_warning', '600')",
        ),
    ],
)
def test_each_check_finds_what_endangers_the_log(app, check, break_it, repair_it):
    query = "select status, remedy is null from database_checks where check_name = %s"
    assert app.execute(query, [check]).fetchone() == ("ok", True)
    for statement in break_it.split(";"):
        app.execute(statement)
    assert app.execute(query, [check]).fetchone() == ("critical", False)
    app.execute(repair_it)
    assert app.execute(query, [check]).fetchone() == ("ok", True)
    if check == "audit_slot_holder":
        app.execute("rollback prepared 'held'")


def test_rows_without_actor_are_a_check_until_they_are_accepted(app):
    query = "select status from database_checks where check_name = 'audit_actors'"
    app.execute("alter table app.item disable trigger plumb_audit_statement")
    app.execute("update app.item set n = 9")
    capture(app)
    assert app.execute(query).fetchone() == ("critical",)
    app.execute(
        "select accept_finding(audit_finding_id, 'ops', 'a load') from audit_findings"
        " where kind = 'actor_missing'"
    )
    assert app.execute(query).fetchone() == ("ok",)


@pytest.mark.parametrize(
    ("hide", "show"),
    [
        ("drop table app.item", "add table app.item"),
        ("set (publish = 'insert')", "set (publish = 'insert, update, delete, truncate')"),
    ],
)
def test_what_was_written_while_it_was_not_published_is_found_by_the_next_check(app, hide, show):
    app.execute("select run_audit_check()")
    app.execute(f"alter publication plumb_audit {hide}")
    app.execute("update app.item set n = 7 where id = 2")
    app.execute(f"alter publication plumb_audit {show}")

    app.execute("select run_audit_check()")

    found = app.execute("select kind, relation, record_key from open_findings").fetchall()
    assert ("publication_was_changed", "app.item", None) in found
    assert ("row_differs", "app.item", "2") in found


@pytest.mark.parametrize(
    "statement", ["alter publication plumb_audit rename to other", "drop publication plumb_audit"]
)
def test_the_publication_without_which_the_wal_cannot_be_read_stays(app, statement):
    with pytest.raises(psycopg.Error, match="plumb_audit cannot be"):
        app.execute(statement)
    app.execute("update app.item set n = 7 where id = 2")
    assert rows_of(app, "app.item", "record_key") == [("2",)]
