"""Whoever may read the log and leaves a transaction open stops neither sealing nor retention."""

import time

import pytest

from .conftest import seal


@pytest.fixture
def anchored(aged):
    """A log of partitions that are old enough to retire, and anchored."""
    aged.execute("select change_setting('audit_retention_days', '90')")
    aged.execute(
        "insert into audit_anchors (target, seal_id, seal_hash, anchored_at, is_outside)"
        " select 'test', seal_id, seal_hash, now(), true from seals order by seal_id desc limit 1"
    )
    return aged


def test_an_open_reader_lets_the_retention_give_up_soon(anchored, connect):
    reader = connect(role="plumb_auditor", autocommit=False)
    reader.execute("select count(*) from plumb.audit_log")
    began_at = time.monotonic()

    anchored.execute("call plumb.run_job('audit-retire', true)")

    assert time.monotonic() - began_at < 20
    last = "select result, message from job_runs where job_name = 'audit-retire' order by 1 limit 1"
    result, message = anchored.execute(last).fetchone()
    assert (result, "lock timeout" in message) == ("failed", True)
    anchored.execute("call plumb.run_job('seal', true)")
    assert anchored.execute(
        "select result from job_runs where job_name = 'seal' order by job_run_id desc limit 1"
    ).fetchone() == ("succeeded",)

    reader.rollback()
    anchored.execute("delete from job_runs")
    anchored.execute("call plumb.run_job('audit-retire', true)")
    assert anchored.execute(last).fetchone()[0] == "succeeded"
    assert anchored.execute("select count(*) > 0 from audit_retentions").fetchone() == (True,)


def test_an_open_reader_holds_up_no_seal_and_no_new_partition(anchored, connect):
    reader = connect(role="plumb_auditor", autocommit=False)
    reader.execute("select count(*) from plumb.audit_log")
    partitions = "select count(*) from pg_inherits where inhparent = 'plumb.audit_blocks'::regclass"
    before = anchored.execute(partitions).fetchone()[0]
    anchored.execute("set lock_timeout = '3s'")

    for key in range(200, 240):
        anchored.execute("insert into public.t values (%s)", [key])
        seal(anchored)

    assert anchored.execute(partitions).fetchone()[0] > before
    assert reader.execute("select 1").fetchone() == (1,)
