"""Whoever may read the log and leaves a transaction open stops neither sealing nor retention."""

import time

import pytest

from .conftest import seal, tamper


@pytest.fixture
def aged(db):
    """A log of two partitions that are old enough to retire, and anchored."""
    tamper(db, "delete from audit_blocks")
    tamper(db, "delete from audit_intake")
    db.execute("drop table audit_blocks_0")
    db.execute("select change_setting('audit_partition_seals', '4')")
    db.execute("select change_setting('audit_retention_days', '90')")
    db.execute("select extend_audit_log(0)")
    db.execute("create table public.t (id integer primary key)")
    db.execute("select audit_table('public.t')")
    for key in range(10):
        db.execute("insert into public.t values (%s)", [key])
        seal(db)
    db.execute("set plumb.\"current_time\" = '2100-01-01'")
    db.execute(
        "insert into audit_anchors (target, seal_id, seal_hash, anchored_at, is_outside)"
        " select 'test', seal_id, seal_hash, now(), true from seals order by seal_id desc limit 1"
    )
    return db


def test_an_open_reader_lets_the_retention_give_up_soon(aged, connect):
    reader = connect(role="plumb_auditor", autocommit=False)
    reader.execute("select count(*) from plumb.audit_log")
    began_at = time.monotonic()

    aged.execute("call plumb.run_job('audit-retire', true)")

    assert time.monotonic() - began_at < 20
    last = "select result, message from job_runs where job_name = 'audit-retire' order by 1 limit 1"
    result, message = aged.execute(last).fetchone()
    assert (result, "lock timeout" in message) == ("failed", True)
    aged.execute("call plumb.run_job('seal', true)")
    assert aged.execute(
        "select result from job_runs where job_name = 'seal' order by job_run_id desc limit 1"
    ).fetchone() == ("succeeded",)

    reader.rollback()
    aged.execute("delete from job_runs")
    aged.execute("call plumb.run_job('audit-retire', true)")
    assert aged.execute(last).fetchone()[0] == "succeeded"
    assert aged.execute("select count(*) > 0 from audit_retentions").fetchone() == (True,)


def test_an_open_reader_holds_up_no_seal_and_no_new_partition(aged, connect):
    reader = connect(role="plumb_auditor", autocommit=False)
    reader.execute("select count(*) from plumb.audit_log")
    partitions = "select count(*) from pg_inherits where inhparent = 'plumb.audit_blocks'::regclass"
    before = aged.execute(partitions).fetchone()[0]
    aged.execute("set lock_timeout = '3s'")

    for key in range(200, 240):
        aged.execute("insert into public.t values (%s)", [key])
        seal(aged)

    assert aged.execute(partitions).fetchone()[0] > before
    assert reader.execute("select 1").fetchone() == (1,)
