"""What somebody sets for the whole database or server does not reach the jobs."""

import psycopg
import pytest
from plumbline.core.migrate import migrate
from psycopg import sql

DEFAULTS = [
    "statement_timeout = '1ms'",
    "lock_timeout = '1ms'",
    "idle_in_transaction_session_timeout = '1ms'",
    "idle_session_timeout = '1ms'",
    "default_transaction_read_only = on",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_isolation = 'repeatable read'",
    "default_transaction_deferrable = on",
    "search_path = nowhere",
    "row_security = off",
    "session_replication_role = replica",
    "synchronous_commit = off",
    "exit_on_error = on",
    "client_encoding = 'LATIN1'",
    "standard_conforming_strings = off",
    "quote_all_identifiers = on",
    "transform_null_equals = on",
    "bytea_output = 'escape'",
    "DateStyle = 'German, DMY'",
    "IntervalStyle = 'iso_8601'",
    "TimeZone = 'Pacific/Chatham'",
    "extra_float_digits = -15",
    "gin_fuzzy_search_limit = 1",
    "role = 'plumb_reader'",
    "plpgsql.extra_errors = 'all'",
    "plpgsql.variable_conflict = 'use_column'",
    "plumb.\"current_time\" = '2001-01-01'",
]


@pytest.mark.parametrize("default", DEFAULTS)
def test_a_default_of_the_database_changes_nothing_for_the_jobs(shop, connect, default):
    worker = "select name, setting from pg_settings where source <> 'client' order by name"
    before = connect(user="plumb_worker").execute(worker).fetchall()
    name = sql.Identifier(shop.info.dbname)
    shop.execute(sql.SQL("alter database {} set " + default).format(name))
    try:
        session = connect(user="plumb_worker")
        assert session.execute(worker).fetchall() == before
        session.execute("call plumb.run_job('seal', true)")
        session.execute("call plumb.run_job('invariant', true)")
        session.execute("call plumb.run_job('audit-verify', true)")
        session.execute("call plumb.run_job('dispatch', true)")
    finally:
        # The next connections of this test are not meant.
        shop.execute(sql.SQL("alter database {} reset all").format(name))

    runs = shop.execute(
        "select job_name, result, message, started_at > now() - interval '1 day'"
        " from plumb.job_runs"
    ).fetchall()
    assert [run for run in runs if run[1] != "succeeded" or not run[3]] == []
    assert len(runs) == 4
    assert shop.execute("select max(seal_id) > 0 from plumb.seals").fetchone() == (True,)


def test_messages_of_the_server_in_another_language_change_nothing(shop, connect):
    name = sql.Identifier(shop.info.dbname)
    try:
        shop.execute("set lc_messages = 'de_DE.utf8'")
    except psycopg.errors.InvalidParameterValue:
        pytest.skip("needs the locale de_DE.utf8")
    with pytest.raises(psycopg.errors.DivisionByZero) as raised:
        shop.execute("select 1 / 0")
    if "division by zero" in str(raised.value):
        pytest.skip("needs the server's translations")
    shop.execute(sql.SQL("alter database {} set lc_messages = 'de_DE.utf8'").format(name))
    try:
        worker = connect(user="plumb_worker")
        jobs = shop.execute(
            "select job_name from plumb.jobs where is_enabled and job_name <> 'backup' order by 1"
        ).fetchall()
        for job in jobs:
            worker.execute("call plumb.run_job(%s, true)", job)
        with pytest.raises(psycopg.errors.CheckViolation):
            shop.execute(
                "insert into stock_ledger (product_id, delta, reason) values (1, -99, 'SALE')"
            )
    finally:
        shop.execute(sql.SQL("alter database {} reset all").format(name))

    runs = shop.execute("select job_name, result, message from plumb.job_runs").fetchall()
    assert [run for run in runs if run[1] != "succeeded"] == []
    assert len(runs) == len(jobs) > 10
    assert shop.execute("select count(*) from plumb.check_audit()").fetchone() == (0,)


def test_a_setting_of_the_worker_that_somebody_changed_is_a_warning_with_the_line_to_run(db):
    look = "select status, why, remedy from plumb.database_checks where check_name = %s"
    assert db.execute(look, ["worker_settings"]).fetchone()[0] == "ok"
    name = sql.Identifier(db.info.dbname)
    db.execute(
        sql.SQL("alter role plumb_worker in database {} set statement_timeout = '1s'").format(name)
    )
    db.execute(sql.SQL("alter role plumb_worker in database {} reset search_path").format(name))

    status, why, remedy = db.execute(look, ["worker_settings"]).fetchone()

    assert (status, why) == (
        "warning",
        "not as the jobs need them: search_path, statement_timeout",
    )
    for line in remedy.split(" Or ")[0].split(";"):
        if line.strip():
            db.execute(line)
    assert db.execute(look, ["worker_settings"]).fetchone()[0] == "ok"


def test_data_definition_and_writes_work_without_standard_conforming_strings(db):
    db.execute("set standard_conforming_strings = off")
    db.execute("create table public.thing (id integer primary key, name text)")
    db.execute("select plumb.audit_table('public.thing')")
    db.execute("insert into public.thing values (1, 'a')")
    db.execute("alter table public.thing add column more text")
    db.execute("update public.thing set more = 'b'")
    db.execute("select plumb.seal_audit()")

    assert db.execute("select * from plumb.reconcile_audit('public.thing')").fetchall() == []
    assert db.execute("select count(*) from plumb.check_audit()").fetchone() == (0,)
    db.execute("drop table public.thing")


def test_the_fullest_file_system_is_a_check(db):
    row = db.execute(
        "select status, value, unit, why from plumb.database_checks where check_name = 'free_space'"
    ).fetchone()
    assert row[0] in ("ok", "warning", "critical")
    assert 0 <= row[1] <= 100
    assert "free" in row[3]
    for level in ("warning", "critical"):
        db.execute("select plumb.change_setting(%s, '0')", [f"check_free_space_{level}"])

    assert db.execute(
        "select status, remedy is not null from plumb.database_checks"
        " where check_name = 'free_space'"
    ).fetchone() == ("critical", True)


@pytest.mark.parametrize(
    "default",
    [
        "default_transaction_read_only = on",
        "default_transaction_isolation = 'serializable'",
        "idle_session_timeout = '2s'",
        "standard_conforming_strings = off",
        "search_path = nowhere",
        "role = 'plumb_reader'",
        "client_min_messages = 'debug5'",
        "plpgsql.variable_conflict = 'use_column'",
    ],
)
def test_a_default_of_the_database_does_not_stop_a_migration(db, default):
    name = sql.Identifier(db.info.dbname)
    db.execute(sql.SQL("alter database {} set " + default).format(name))
    try:
        migrate(db.info.dsn, report=lambda _line: None, demo_schema="retail")
    finally:
        db.execute(sql.SQL("alter database {} reset all").format(name))


def test_a_tablespace_that_is_the_default_gets_nothing_of_ours(db, connect):
    name = sql.Identifier(db.info.dbname)
    db.execute("set allow_in_place_tablespaces = on")
    db.execute("create tablespace plumb_test_space location ''")
    try:
        db.execute(
            sql.SQL("alter database {} set default_tablespace = 'plumb_test_space'").format(name)
        )
        migrate(db.info.dsn, report=lambda _line: None, demo_schema="retail")
        connect(user="plumb_worker").execute("call plumb.run_job('seal', true)")
        # The next partition of the log is made by a session that has the default.
        connect().execute("select plumb.extend_audit_log(max(seal_id) + 200000) from plumb.seals")

        assert db.execute("select result from plumb.job_runs").fetchall() == [("succeeded",)]
        assert (
            db.execute(
                "select c.relname from pg_class as c inner join pg_tablespace as t"
                " on t.oid = c.reltablespace where t.spcname = 'plumb_test_space'"
            ).fetchall()
            == []
        )
    finally:
        db.execute(sql.SQL("alter database {} reset all").format(name))
        db.execute("drop tablespace plumb_test_space")
