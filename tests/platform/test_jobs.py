"""A job runs when it should, never twice at once, always on record."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg import errors

RUNS = "select result, message from plumb.job_runs where job_name = 'test' order by job_run_id"


def run(session, is_forced=False):
    session.execute("call plumb.run_job('test', %s)", [is_forced])


def status(session, name="test"):
    return session.execute(
        "select status from plumb.cron_status where job_name = %s", [name]
    ).fetchone()[0]


@pytest.fixture
def hang(db, connect, declare):
    """Return a function that starts a run that waits for this test's lock, and its session."""
    pool = ThreadPoolExecutor(max_workers=2)

    def start(**options):
        declare("pg_advisory_lock(1)::text", **options)
        db.execute("select pg_advisory_lock(1)")
        session = connect(user="plumb_worker")
        future = pool.submit(run, session)
        deadline = time.monotonic() + 10
        while not db.execute(
            "select exists (select from pg_locks where not granted and pid = %s)",
            [session.info.backend_pid],
        ).fetchone()[0]:
            assert time.monotonic() < deadline
        return session, future

    yield start
    db.execute("select pg_advisory_unlock_all()")
    pool.shutdown()


def test_a_run_that_works_is_recorded_with_what_it_says(db, declare):
    declare("'all ' || 'well'")

    run(db)

    assert db.execute(RUNS).fetchall() == [("succeeded", "all well")]
    assert status(db) == "ok"


def test_a_job_that_does_not_run_says_why(db, declare):
    declare("'done'")
    said = []
    db.add_notice_handler(lambda notice: said.append(notice.message_primary))

    run(db)
    run(db)
    db.execute("select plumb.enable_job('test', false)")
    run(db)

    assert said == [
        "job test did not run: its last run is less than half its interval ago",
        "job test did not run: it is disabled",
    ]
    assert len(db.execute(RUNS).fetchall()) == 1


def test_a_run_that_fails_is_recorded_with_its_error_and_undone(db, declare):
    declare("(1 / length(plumb.change_setting('perf_retention_days', '1')::text))::text")

    run(db)

    ((result, message),) = db.execute(RUNS).fetchall()
    assert (result, status(db)) == ("failed", "failed")
    assert message == "division by zero (22012)"
    assert db.execute(
        "select value from settings where name = 'perf_retention_days'"
    ).fetchone() == (None,)


def test_an_unknown_job_is_an_error_that_names_it(db):
    with pytest.raises(errors.Error, match="no job 'typo'") as error:
        db.execute("call plumb.run_job('typo')")
    assert error.value.sqlstate == "PL001"


def test_two_sessions_never_run_it_at_once(db, connect, hang):
    hang()
    other = connect()

    run(other)

    assert db.execute("select count(*) from plumb.job_runs").fetchone() == (1,)
    with pytest.raises(errors.Error, match="running already") as error:
        run(other, is_forced=True)
    assert error.value.sqlstate == "PL004"


def test_it_is_running_while_it_runs(db, hang):
    _session, future = hang()

    assert status(db) == "running"
    db.execute("select pg_advisory_unlock(1)")
    future.result(timeout=10)
    assert status(db) == "ok"


def test_a_run_sooner_than_half_its_interval_is_skipped(db, at, declare):
    declare("'ran'")
    for offset in ("0", "1 minute", "4 minutes 59 seconds", "5 minutes 1 second"):
        at(offset)
        run(db)

    assert len(db.execute(RUNS).fetchall()) == 2


def test_a_forced_run_is_never_too_soon(db, at, declare):
    declare("'ran'")
    run(db)
    run(db, is_forced=True)

    assert len(db.execute(RUNS).fetchall()) == 2


def test_a_disabled_job_runs_only_when_forced(db, declare):
    declare("'ran'")
    db.execute("select plumb.enable_job('test', false)")

    run(db)
    assert db.execute(RUNS).fetchall() == []
    assert status(db) == "disabled"
    run(db, is_forced=True)
    assert db.execute(RUNS).fetchall() == [("succeeded", "ran")]


def test_what_an_operator_changed_stays_when_a_release_declares_the_job_again(db, declare):
    declare("'one'")
    db.execute("select plumb.enable_job('test', false)")
    db.execute("select plumb.change_setting('test_interval_ms', '120000')")

    declare("'two'", timeout_seconds=7)

    assert db.execute(
        "select command, timeout_seconds, is_enabled from plumb.jobs where job_name = 'test'"
    ).fetchone() == ("'two'", 7, False)
    assert db.execute("select setting('test_interval_ms')").fetchone() == ("120000",)


def test_a_run_whose_process_was_killed_is_closed_by_the_next(db, connect, hang):
    session, future = hang()
    db.execute("select pg_terminate_backend(%s, 5000)", [session.info.backend_pid])
    assert isinstance(future.exception(timeout=10), errors.AdminShutdown)
    db.execute("select pg_advisory_unlock(1)")

    run(db, is_forced=True)

    assert db.execute(RUNS).fetchall() == [
        ("failed", "the server process ended before the run did"),
        ("succeeded", ""),
    ]


def test_a_run_whose_process_was_killed_is_closed_by_the_watchdog(db, hang):
    session, _future = hang()
    db.execute("select pg_terminate_backend(%s, 5000)", [session.info.backend_pid])

    assert db.execute("select plumb.cancel_overdue_jobs()").fetchone() == (
        "test: its process was gone",
    )
    assert status(db) == "failed"


def test_a_run_that_takes_too_long_is_cancelled_and_says_so(db, at, hang):
    _session, future = hang(timeout_seconds=30)
    at("100 years")

    assert db.execute("select plumb.cancel_overdue_jobs()").fetchone() == ("test: cancelled",)

    future.result(timeout=10)
    ((result, message),) = db.execute(RUNS).fetchall()
    assert result == "failed"
    assert "57014" in message


def test_the_watchdog_cancels_runs_of_its_own_role(db, connect, hang):
    _session, future = hang(timeout_seconds=30)
    db.execute("update plumb.job_runs set started_at = started_at - interval '1 minute'")

    connect(user="plumb_worker").execute("call plumb.run_job('watchdog', true)")

    future.result(timeout=10)
    assert db.execute(
        "select message from plumb.job_runs where job_name = 'watchdog'"
    ).fetchone() == ("test: cancelled",)


def test_the_watchdog_ends_a_run_that_catches_its_cancel(db, connect, declare):
    db.execute(
        "create function public.stay() returns text language plpgsql as"
        " $$ begin loop begin perform pg_sleep(60); exception when query_canceled then null; end;"
        " end loop; end $$"
    )
    declare("public.stay()", timeout_seconds=60)
    session = connect(user="plumb_worker")
    pool = ThreadPoolExecutor(max_workers=1)
    future = pool.submit(run, session)
    worker = connect(user="plumb_worker")
    says = "select plumb.cancel_overdue_jobs()"
    while not db.execute(
        "update plumb.job_runs set started_at = started_at - interval '90 seconds'"
        " where result = 'running' returning 1"
    ).fetchall():
        assert future.running()

    assert worker.execute(says).fetchone() == ("test: cancelled",)
    assert worker.execute(says).fetchone() == ("test: cancelled",)
    db.execute("update plumb.job_runs set started_at = started_at - interval '90 seconds'")
    assert worker.execute(says).fetchone() == ("test: ended, for it did not obey",)

    with pytest.raises(errors.AdminShutdown):
        future.result(timeout=10)
    pool.shutdown()
    assert worker.execute(says).fetchone() == ("test: its process was gone",)
    db.execute("drop function public.stay()")


def test_a_run_within_its_time_is_left_alone(db, hang):
    hang(timeout_seconds=30)

    assert db.execute("select plumb.cancel_overdue_jobs()").fetchone() == ("none overdue",)


def test_a_cancelled_session_can_run_the_job_again(db, at, hang):
    session, future = hang(timeout_seconds=30)
    at("100 years")
    db.execute("select plumb.cancel_overdue_jobs()")
    future.result(timeout=10)

    assert db.execute(
        "select count(*) from pg_locks where locktype = 'advisory' and pid = %s",
        [session.info.backend_pid],
    ).fetchone() == (0,)


def test_what_is_due_runs_and_what_is_not_does_not(db, at, declare):
    declare("'ran'")
    db.execute("update plumb.jobs set is_enabled = job_name = 'test'")

    db.execute("call plumb.run_due_jobs()")
    at("9 minutes")
    db.execute("call plumb.run_due_jobs()")
    assert len(db.execute(RUNS).fetchall()) == 1

    at("10 minutes")
    db.execute("call plumb.run_due_jobs()")
    assert len(db.execute(RUNS).fetchall()) == 2


def test_every_declared_job_works_in_a_fresh_database(db):
    db.execute("call plumb.run_due_jobs()")

    failed = db.execute(
        "select job_name, message from plumb.job_runs where result <> 'succeeded'"
    ).fetchall()
    assert failed == []


def test_status_tells_waiting_ok_and_stale_apart(db, at, declare):
    declare("'ran'")
    db.execute("update plumb.jobs set schedule = '*/10 * * * *' where job_name = 'test'")
    db.execute("update plumb.settings set updated_at = plumb.current_time()")

    assert status(db) == "waiting"
    at("20 minutes 59 seconds")
    assert status(db) == "waiting"
    at("21 minutes 1 second")
    assert status(db) == "stale"
    run(db)
    assert status(db) == "ok"
    at("43 minutes")
    assert status(db) == "stale"


def test_a_job_that_nobody_runs_is_unscheduled_until_somebody_does(db, at, declare):
    declare("'ran'")

    assert status(db) == "unscheduled"
    run(db)
    assert status(db) == "ok"
    at("1 hour")
    assert status(db) == "unscheduled"


def test_the_next_run_is_on_crons_grid(db, at, declare):
    declare("'ran'")
    db.execute("update plumb.jobs set schedule = 'x' where job_name in ('test', 'deep-scan')")
    at("7 minutes")

    rows = db.execute(
        "select job_name, to_char(next_run_at at time zone 'UTC', 'DD HH24:MI')"
        " from plumb.cron_status where next_run_at is not null"
    ).fetchall()

    assert dict(rows) == {"test": "01 12:10", "deep-scan": "02 03:00"}


def test_old_history_is_deleted_a_bounded_number_at_a_time(db, at, declare):
    declare("'ran'")
    for _ in range(3):
        run(db, is_forced=True)
    db.execute("select plumb.score_health()")
    db.execute("select plumb.change_setting('prune_rows_max', '2')")
    assert db.execute("select plumb.prune_history()").fetchone() == ("nothing was old enough",)

    at("15 days")
    assert db.execute("select plumb.prune_history()").fetchone() == ("plumb.job_runs: 2",)
    assert len(db.execute(RUNS).fetchall()) == 1

    at("91 days")
    assert db.execute("select plumb.prune_history()").fetchone() == (
        "plumb.job_runs: 1 plumb.health_scores: 1",
    )


def test_expired_idempotency_keys_are_deleted(db, at):
    db.execute(
        "insert into plumb.idempotency_keys (scope, idempotency_key, request_hash, created_at,"
        " expires_at) select 'test', age::text, '', plumb.current_time(),"
        " plumb.current_time() + age from unnest(array['1 hour', '3 hours']::interval[]) as age"
    )
    at("2 hours")

    assert db.execute("select plumb.prune_idempotency_keys()").fetchone() == ("1 key deleted",)
