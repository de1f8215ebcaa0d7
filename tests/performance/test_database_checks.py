"""Each check finds what is wrong with the server, says why, and is content once it is repaired."""

import psycopg
import pytest


def tune(db, check, warning, critical):
    db.execute("select plumb.change_setting(%s, %s)", [f"check_{check}_warning", str(warning)])
    db.execute("select plumb.change_setting(%s, %s)", [f"check_{check}_critical", str(critical)])


def test_a_bare_installation_has_nothing_to_complain_of_but_its_scheduler(db):
    found = dict(db.execute("select check_name, status from plumb.database_checks").fetchall())

    assert {name for name, status in found.items() if status not in ("ok", "unknown")} <= {
        "scheduler",
        # What other databases of the server do shows here too.
        "connections",
    }


def test_every_check_is_a_function_and_a_row(db):
    functions = db.execute(
        "select substr(proname, 7) from pg_proc where prorettype = 'plumb.database_check'::regtype"
        " and proname like 'check\\_%' and not proretset order by 1"
    ).fetchall()

    shown = "select check_name from plumb.database_checks order by 1"
    assert db.execute(shown).fetchall() == functions
    assert len(functions) > 20


def test_a_remedy_comes_only_with_what_needs_one(db):
    assert (
        db.execute(
            "select check_name from plumb.database_checks where (status = 'ok') <> (remedy is null)"
        ).fetchall()
        == []
    )


def test_a_reader_may_look(connect):
    reader = connect(role="plumb_reader")

    assert reader.execute("select count(*) > 20 from plumb.database_checks").fetchone() == (True,)


def test_connections_are_counted_against_the_limit(db, connect, look):
    tune(db, "connections", 0, 100)
    assert look("connections")["status"] == "warning"
    tune(db, "connections", 100, 100)
    assert look("connections")["status"] == "ok"


def test_an_idle_transaction_is_named_and_goes(db, connect, look, later):
    session = connect(autocommit=False)
    session.execute("select 1")
    later("10 minutes")
    found = look("idle_in_transaction")
    assert (found["status"], found["threshold"]) == ("warning", 300)
    assert str(session.info.backend_pid) in found["why"]

    later("2 hours")
    assert look("idle_in_transaction")["status"] == "critical"

    session.rollback()
    assert look("idle_in_transaction")["status"] == "ok"


def test_a_running_statement_grows_old(db, connect, look, later, wait_until_blocked):
    db.execute("select pg_advisory_lock(1)")
    runner = connect()
    runner.pgconn.send_query(b"select pg_advisory_lock(1)")
    wait_until_blocked(runner)
    later("400 seconds")

    found = look("long_transactions")
    assert found["status"] == "warning"
    assert f"process {runner.info.backend_pid} (" in found["why"]
    assert "pg_terminate_backend" in found["remedy"]

    db.execute("select pg_advisory_unlock(1)")
    runner.pgconn.get_result()
    assert look("long_transactions")["status"] == "ok"


def test_a_lock_wait_names_its_blocker(shop, connect, look, later, wait_until_blocked):
    blocker, waiter = connect(autocommit=False), connect()
    blocker.execute("update retail.products set price = 11 where product_id = 1")
    waiter.pgconn.send_query(b"update retail.products set price = 12 where product_id = 1")
    wait_until_blocked(waiter)
    later("30 seconds")

    found = look("lock_waits")
    assert found["status"] == "warning"
    assert f"{waiter.info.backend_pid} waits for {blocker.info.backend_pid}" in found["why"]
    assert "set price =" in found["why"]

    blocker.rollback()
    waiter.pgconn.get_result()
    assert look("lock_waits")["status"] == "ok"


def test_a_sequence_near_its_end_is_found(db, look):
    db.execute("create sequence public.tickets maxvalue 100")
    db.execute("select setval('public.tickets', 80)")
    found = look("sequences")
    assert (found["status"], found["value"], found["why"]) == (
        "warning",
        80,
        "the fullest is public.tickets",
    )

    db.execute("alter sequence public.tickets maxvalue 100000")
    assert look("sequences")["status"] == "ok"


def test_a_large_sequence_ends_where_its_integer_column_does(db, look):
    db.execute("create sequence public.numbers")
    db.execute("create table public.guests (guest_id integer default nextval('public.numbers'))")
    db.execute("alter sequence public.numbers owned by public.guests.guest_id")
    db.execute("select setval('public.numbers', 2100000000)")
    assert look("sequences")["status"] == "critical"

    db.execute("alter table public.guests alter column guest_id type bigint")
    assert look("sequences")["status"] == "ok"


def test_an_index_that_could_not_be_built_is_found(db, look):
    db.execute("create table public.twice as select 1 as n from generate_series(1, 2)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.execute("create unique index concurrently twice_n on public.twice (n)")
    found = look("invalid_indexes")
    assert (found["status"], found["why"]) == ("warning", "public.twice_n")

    db.execute("drop index public.twice_n")
    assert look("invalid_indexes")["status"] == "ok"


def test_two_equal_indexes_are_found_and_different_ones_are_not(db, look):
    db.execute("create table public.pair (a integer, b integer)")
    db.execute("create index pair_a on public.pair (a)")
    db.execute("create index pair_ab on public.pair (a, b)")
    db.execute("create index pair_a_with_b on public.pair (a) include (b)")
    db.execute("create index pair_a_part on public.pair (a) where b > 0")
    assert look("duplicate_indexes")["status"] == "ok"

    db.execute("create index pair_a_again on public.pair (a)")
    found = look("duplicate_indexes")
    assert found["status"] == "warning"
    assert found["why"] == "public.pair_a = public.pair_a_again"

    db.execute("drop index public.pair_a_again")
    assert look("duplicate_indexes")["status"] == "ok"


def test_an_index_nobody_reads_is_found_after_a_week(db, look, later):
    tune(db, "unused_indexes", 1, 1000)
    db.execute("create table public.big as select n from generate_series(1, 100000) as n")
    db.execute("create index big_n on public.big (n)")
    assert look("unused_indexes")["status"] == "unknown"

    later("8 days")
    found = look("unused_indexes")
    assert (found["status"], found["why"]) == ("warning", "public.big_n")

    db.execute("drop index public.big_n")
    assert look("unused_indexes")["status"] == "ok"


def test_a_constraint_that_was_never_validated_is_found(db, look):
    db.execute("create table public.ages (age integer)")
    db.execute("alter table public.ages add constraint is_old check (age > 17) not valid")
    found = look("invalid_constraints")
    assert (found["status"], found["why"]) == ("warning", "is_old on public.ages")

    db.execute("alter table public.ages validate constraint is_old")
    assert look("invalid_constraints")["status"] == "ok"


def test_a_disabled_trigger_is_found(db, look):
    db.execute("alter table retail.stock_ledger disable trigger stock_ledger_moves_stock")
    found = look("disabled_triggers")
    assert found["status"] == "critical"
    assert found["why"] == "stock_ledger_moves_stock on retail.stock_ledger"

    db.execute("alter table retail.stock_ledger enable trigger stock_ledger_moves_stock")
    assert look("disabled_triggers")["status"] == "ok"


def test_a_disabled_event_trigger_is_found(db, look):
    name = db.execute("select min(evtname) from pg_event_trigger").fetchone()[0]
    db.execute(f"alter event trigger {name} disable")
    assert look("disabled_triggers")["why"] == f"event trigger {name}"

    db.execute(f"alter event trigger {name} enable always")
    assert look("disabled_triggers")["status"] == "ok"


def test_a_slot_that_nobody_reads_keeps_wal(db, look):
    tune(db, "replication_slots", 0.01, 1000000)
    assert look("replication_slots")["status"] == "ok"
    db.execute("select pg_create_physical_replication_slot('lazy', true)")
    try:
        db.execute("create table public.wal as select n from generate_series(1, 5000) as n")
        found = look("replication_slots")
        assert (found["status"], found["why"]) == ("warning", "1 slot, 1 of them inactive")
    finally:
        db.execute("select pg_drop_replication_slot('lazy')")
    assert look("replication_slots")["status"] == "ok"


def test_without_standbys_nothing_lags(look):
    found = look("replication_lag")

    assert (found["status"], found["value"]) == ("ok", 0)


def test_dead_rows_are_bloat_until_vacuum(db, look, later):
    db.execute(
        "create table public.churn with (autovacuum_enabled = off) as"
        " select n, repeat('x', 200) as filler from generate_series(1, 60000) as n"
    )
    db.execute("select pg_stat_force_next_flush()")
    db.execute("analyze public.churn")
    db.execute("delete from public.churn where n % 2 = 0")
    db.execute("select pg_stat_force_next_flush()")
    db.execute("select set_config('plumb.current_time', pg_postmaster_start_time()::text, false)")
    found = look("autovacuum_lag")
    assert (found["status"], found["why"]) == ("ok", "no table is overdue")

    later("10 minutes")
    bloat, lag = look("bloat"), look("autovacuum_lag")
    assert (bloat["status"], bloat["why"]) == ("warning", "worst: public.churn")
    assert (lag["status"], lag["why"]) == ("warning", "most overdue: public.churn")

    db.execute("alter table public.churn set (autovacuum_vacuum_threshold = 100000)")
    assert look("autovacuum_lag")["status"] == "ok"

    db.execute("vacuum public.churn")
    assert look("bloat")["status"] == "ok"
    assert look("autovacuum_lag")["status"] == "ok"


def test_ages_are_far_from_wraparound_and_judged_by_the_settings(db, look):
    for check in ("transaction_id_age", "multixact_age"):
        assert look(check)["status"] == "ok"
        tune(db, check, 0, 100)
        assert look(check)["status"] == "warning"


def test_jobs_that_nobody_runs_are_found(db, look, later):
    assert look("scheduler")["status"] == "critical"

    db.execute("update plumb.jobs set is_enabled = false where job_name <> 'health'")
    db.execute("call plumb.run_job('health', true)")
    assert look("scheduler")["status"] == "ok"

    later("1 hour")
    found = look("scheduler")
    assert found["status"] == "warning"
    assert found["why"].startswith("health is ")


def test_checksums_that_are_off_are_unknown_and_never_failed_are_ok(db, look):
    is_on = db.execute("show data_checksums").fetchone() == ("on",)

    assert look("checksum_failures")["status"] == ("ok" if is_on else "unknown")
