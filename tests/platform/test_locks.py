"""Nobody stops the engine by a lock: rows that only its functions may lock keep work apart."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import pytest
from plumbline.cli.backup import backup_lock
from plumbline.core.errors import PlumbError
from plumbline.core.migrate import migrate
from psycopg import errors
from waiting import wait_until

# What an attacker can read in the catalog or in the source, old versions included.
GUESSES = """
    select pg_advisory_lock(758624602, hashtext(k)) from unnest(
        array['seal the audit log', 'plumb backup', 'plumb deploy', 'check_invariants',
        'route alerts', 'block 203.0.113.9', 'incident invariant/NO_NEGATIVE_STOCK', 'demo']
        || array(select unnest(%s::text[]))
    ) as k
"""


@pytest.fixture
def nobody(db, connect):
    """Yield a session of a role that may connect and nothing else, and its name."""
    db.execute("create role plumb_test_nobody login")
    yield connect(user="plumb_test_nobody")
    db.execute("drop role plumb_test_nobody")


@pytest.fixture
def operator(db, connect):
    """Return a function that opens sessions of a member of plumb_operator."""
    db.execute("create role plumb_test_operator login in role plumb_operator")
    sessions = []

    def open_session(**options):
        sessions.append(connect(user="plumb_test_operator", **options))
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()
    db.execute("drop role plumb_test_operator")


def negative_stock(db):
    db.execute("set session_replication_role = replica")
    db.execute("insert into retail.stock (product_id, quantity) values (7, -1)")
    db.execute("set session_replication_role = origin")
    db.execute("update plumb.invariants set is_enabled = name = 'NO_NEGATIVE_STOCK'")


def incidents(db, source="invariant"):
    return db.execute(
        "select scope, status from plumb.incidents where source = %s order by incident_id",
        [source],
    ).fetchall()


def test_whoever_holds_every_advisory_lock_stops_nothing(db, nobody):
    names = [name for (name,) in db.execute("select job_name from plumb.jobs")]
    nobody.execute(GUESSES, [names])
    nobody.execute("select pg_advisory_lock(7586246001), pg_advisory_lock(hashtext('demo'))")
    nobody.execute("select pg_advisory_lock(hashtext(name)) from unnest(%s::text[]) name", [names])
    nobody.execute(
        "select pg_advisory_lock(0, n), pg_advisory_lock(n) from generate_series(1,99) n"
    )
    negative_stock(db)

    db.execute("call plumb.run_due_jobs()")
    runs = dict(db.execute("select job_name, result from plumb.job_runs").fetchall())
    assert set(runs) == set(names)
    assert set(runs.values()) == {"succeeded"}
    assert "NO_NEGATIVE_STOCK" in dict(incidents(db))
    db.execute("select plumb.block_client('203.0.113.9', 'test')")
    db.execute("select plumb.start_deployment('release', 600)")
    db.execute("select plumb.redact_audit('retail.stock', '7', null, 'test')")
    with backup_lock(db.info.dsn):
        pass
    migrate(db.info.dsn, report=lambda _line: None, demo_schema="retail")


def test_no_role_but_ours_locks_or_claims_a_row(db, nobody, connect):
    for role in ("plumb_reader", "plumb_auditor", "plumb_api", "plumb_operator"):
        session = connect(role=role)
        for statement in (
            "select from plumb.locks for update",
            "select from plumb.locks for key share",
            "do 'begin lock table plumb.locks in share mode; end'",
            "select plumb.claim('job seal')",
            "select plumb.lock_section('audit log')",
            "delete from plumb.locks",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                session.execute(statement)
    with pytest.raises(errors.InsufficientPrivilege):
        nobody.execute("select from plumb.locks")


def test_a_claim_ends_with_its_session_and_not_with_its_number(db, connect):
    owner = connect()
    assert owner.execute("select plumb.claim('backup')").fetchone() == (True,)
    assert db.execute("select plumb.claim('backup')").fetchone() == (False,)
    # The number belongs to another session now.
    db.execute("update plumb.locks set holder_started_at = holder_started_at - interval '1 ms'")
    assert db.execute("select plumb.claim('backup')").fetchone() == (True,)
    assert owner.execute("select plumb.claim('backup')").fetchone() == (False,)
    db.execute("select plumb.release('backup')")
    owner.execute("select plumb.claim('backup')")
    pid = owner.info.backend_pid
    db.execute("select pg_terminate_backend(%s, 5000)", [pid])
    assert db.execute("select plumb.is_claimed('backup')").fetchone() == (False,)


def test_the_claim_of_a_job_whose_statement_is_over_holds_nobody_up(db, connect, declare):
    declare("'ran'")
    left_over = connect()
    left_over.execute("select plumb.claim('job test')")

    db.execute("call plumb.run_job('test', true)")

    assert db.execute("select result from plumb.job_runs").fetchall() == [("succeeded",)]


def test_a_claim_that_is_held_for_ever_is_ended_and_on_record(db, operator, connect, at):
    backup, deployment = operator(application_name="eve 1"), operator(application_name="eve 2")
    backup.execute("select plumb.claim_backup()")
    deployment.execute("select plumb.start_deployment('release', 600)")
    at("0")
    db.execute("update plumb.locks set claimed_at = plumb.current_time() where holder_pid > 0")
    at("23 hours")
    assert db.execute("select plumb.cancel_overdue_jobs()").fetchone() == ("none overdue",)
    at("25 hours")

    said = db.execute("select plumb.cancel_overdue_jobs()").fetchone()[0]

    assert "claim of backup" in said
    assert "claim of deployment" in said
    for session in (backup, deployment):
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
    assert db.execute(
        "select details ->> 'application' from plumb.security_events"
        " where kind = 'lock_holder_ended' order by 1"
    ).fetchall() == [("eve 1",), ("eve 2",)]
    with backup_lock(db.info.dsn):
        pass


def test_a_claim_of_no_deployment_is_ended_soon(db, operator, at):
    holder = operator()
    at("0")
    holder.execute("select plumb.start_deployment('release', 600)")
    db.execute("update plumb.locks set claimed_at = plumb.current_time() where holder_pid > 0")
    db.execute("update plumb.deployments set status = 'succeeded', finished_at = now()")
    at("1 hour")

    db.execute("select plumb.cancel_overdue_jobs()")

    with pytest.raises(psycopg.OperationalError):
        holder.execute("select 1")


def test_a_superuser_who_claims_is_left_alone(db, connect, at):
    holder = connect()
    holder.execute("select plumb.claim_backup()")
    at("0")
    db.execute("update plumb.locks set claimed_at = plumb.current_time() where holder_pid > 0")
    at("100 hours")

    assert db.execute("select plumb.cancel_overdue_jobs()").fetchone() == ("none overdue",)
    assert holder.execute("select 1").fetchone() == (1,)


def test_a_backup_that_waits_names_who_holds_it(db, operator):
    operator(application_name="nightly").execute("select plumb.claim_backup()")

    with (
        pytest.raises(PlumbError, match=r"plumb_test_operator, application 'nightly'"),
        backup_lock(db.info.dsn),
    ):
        pass


def test_an_incident_that_a_transaction_keeps_to_itself_is_told_all_the_same(db, operator):
    holder = operator(autocommit=False)
    holder.execute("select plumb.open_incident('invariant', 'NO_NEGATIVE_STOCK', 'P4', 'hidden')")
    negative_stock(db)

    db.execute("select plumb.check_invariants()")

    assert incidents(db) == [("NO_NEGATIVE_STOCK (held by another transaction)", "OPEN")]
    holder.rollback()
    db.execute("delete from retail.stock")
    db.execute("select plumb.check_invariants()")
    assert {status for _scope, status in incidents(db)} == {"RESOLVED"}


def test_an_open_incident_that_is_held_stays_open_and_delays_nobody(db, operator):
    negative_stock(db)
    db.execute("select plumb.check_invariants()")
    holder = operator(autocommit=False)
    holder.execute("select plumb.acknowledge_incident(i.incident_id) from plumb.incidents as i")

    started = time.monotonic()
    db.execute("select plumb.check_invariants()")

    assert time.monotonic() - started < 20
    assert [scope for scope, _status in incidents(db)] == ["NO_NEGATIVE_STOCK"]
    holder.rollback()


@pytest.mark.parametrize("isolation", psycopg.IsolationLevel)
def test_two_sessions_that_see_the_same_problem_open_one_incident(
    db, connect, wait_until_blocked, isolation
):
    first, second = connect(autocommit=False), connect(autocommit=False)
    for session in (first, second):
        session.isolation_level = isolation
        session.execute("select 1")
    opened = "select plumb.open_incident('test', 'scope', 'P3', 'title')"
    first.execute(opened)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(second.execute, opened)
        wait_until_blocked(second)
        first.commit()
        try:
            future.result(timeout=10)
            second.commit()
        except errors.SerializationFailure:
            second.rollback()

    assert len(incidents(db, "test")) == 1


def test_two_sessions_that_see_a_problem_return_reopen_one_incident(
    db, connect, wait_until_blocked
):
    opened = "select plumb.open_incident('test', 'scope', 'P3', 'title')"
    db.execute(opened)
    db.execute("select plumb.resolve_incident('test', 'scope', 'gone')")
    first, second = connect(autocommit=False), connect()
    first.execute(opened)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(second.execute, opened)
        wait_until_blocked(second)
        first.commit()
        future.result(timeout=10)

    assert incidents(db, "test") == [("scope", "AUTO_HEALING")]


def test_two_sessions_that_see_the_same_attack_block_once(db, connect, wait_until_blocked):
    blocked = "select plumb._block_client('203.0.113.9', 'test', 'test', true)"
    first, second = connect(autocommit=False), connect()
    first.execute(blocked)
    with ThreadPoolExecutor() as pool:
        future = pool.submit(second.execute, blocked)
        wait_until_blocked(second)
        first.commit()
        future.result(timeout=10)

    assert db.execute("select block_count from plumb.security_blocks").fetchall() == [(1,)]


def test_whoever_keeps_the_audit_log_locked_is_named_by_the_job(db, operator):
    holder = operator(autocommit=False, application_name="psql of Eve")
    holder.execute("select plumb.seal_audit()")

    db.execute("call plumb.run_job('seal', true)")

    ((result, message),) = db.execute("select result, message from plumb.job_runs").fetchall()
    assert result == "failed"
    assert "plumb_test_operator" in message
    assert "psql of Eve" in message
    holder.rollback()


@pytest.mark.parametrize(
    "statements",
    [
        ("select plumb.seal_audit()",),
        ("savepoint a", "select plumb.seal_audit()", "release savepoint a"),
        ("select plumb.seal_audit()", "savepoint a", "select 1 / 0"),
    ],
)
def test_a_job_ends_whoever_keeps_its_lock_and_does_nothing(db, operator, connect, statements):
    holder = operator(autocommit=False, application_name="psql of Eve")
    for statement in statements:
        with suppress(errors.DivisionByZero):
            holder.execute(statement)

    connect(user="plumb_worker").execute("call plumb.run_job('seal', true)")

    assert db.execute("select result from plumb.job_runs").fetchall() == [("succeeded",)]
    with pytest.raises(psycopg.OperationalError):
        holder.execute("select 1")
    assert db.execute(
        "select actor, details ->> 'lock', details ->> 'application' from plumb.security_events"
        " where kind = 'lock_holder_ended'"
    ).fetchall() == [("plumb_test_operator", "audit log", "psql of Eve")]


def test_a_job_leaves_a_prepared_transaction_alone_and_names_it(db, connect):
    preparer = connect(autocommit=False)
    preparer.execute("select from plumb.locks where name = 'audit log' for update")
    preparer.execute("prepare transaction 'of Eve'")
    try:
        connect(user="plumb_worker").execute("call plumb.run_job('seal', true)")
    finally:
        db.execute("rollback prepared 'of Eve'")

    ((result, message),) = db.execute("select result, message from plumb.job_runs").fetchall()
    assert result == "failed"
    assert "prepared transaction 'of Eve'" in message
    db.execute("call plumb.run_job('seal', true)")
    results = db.execute("select result from plumb.job_runs order by job_run_id desc limit 1")
    assert results.fetchone() == ("succeeded",)


def test_a_migration_waits_for_the_log_before_it_locks_anything_else(db, connect):
    sealer = connect(autocommit=False)
    sealer.execute("select plumb.lock_section('audit log')")
    with ThreadPoolExecutor() as pool:
        future = pool.submit(migrate, db.info.dsn, lambda _line: None)
        waiting = (
            "select from pg_stat_activity where application_name = 'plumb migrate'"
            " and query like '%lock_section%' and state = 'active'"
        )
        wait_until(lambda: db.execute(waiting).fetchone() is not None, 10)
        sealer.execute("select plumb.seal_audit()")
        sealer.commit()
        future.result(timeout=120)


def test_no_job_begins_during_a_migration(db, connect, declare):
    declare("'ran'")
    migration = connect(application_name="plumb migrate")
    migration.execute("select plumb.claim('migration')")

    db.execute("call plumb.run_job('test')")
    assert db.execute("select count(*) from plumb.job_runs").fetchone() == (0,)
    with pytest.raises(errors.Error, match="during a migration") as error:
        db.execute("call plumb.run_job('test', true)")
    assert error.value.sqlstate == "PL004"
    assert "plumb migrate" in error.value.diag.message_hint
    migration.close()


@pytest.mark.parametrize(
    "default",
    [
        "set default_transaction_isolation = 'serializable'",
        "set default_transaction_isolation = 'repeatable read'",
        "set default_transaction_read_only = on",
    ],
)
def test_jobs_run_whatever_the_session_sets(db, connect, default):
    session = connect()
    session.execute(default)

    session.execute("call plumb.run_job('seal', true)")
    session.execute("call plumb.run_due_jobs()")

    failed = "select job_name, message from plumb.job_runs where result <> 'succeeded'"
    assert db.execute(failed).fetchall() == []
    assert db.execute("select max(seal_id) > 0 from plumb.seals").fetchone() == (True,)
