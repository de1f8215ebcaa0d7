"""Old rows leave once an anchor holds their seals; what stays verifies, and so does the cut."""

from .conftest import findings, seal, tamper


def anchor(db):
    db.execute(
        "insert into audit_anchors (target, seal_id, seal_hash, anchored_at, is_outside)"
        " select 'test', seal_id, seal_hash, now(), true from seals order by seal_id desc limit 1"
    )


def test_nothing_leaves_without_an_anchor(aged):
    assert "anchored" in aged.execute("select retire_audit('90 days')").fetchone()[0]


def test_nothing_leaves_unless_a_retention_is_set(aged):
    anchor(aged)
    assert "audit_retention_days is 0" in aged.execute("select retire_audit()").fetchone()[0]


def test_old_partitions_leave_and_the_rest_verifies(aged):
    anchor(aged)
    aged.execute("select change_setting('audit_retention_days', '90')")
    report = aged.execute("select retire_audit()").fetchone()[0]
    assert "audit_blocks_0" in report and "audit_blocks_4" in report
    assert aged.execute("select min(seal_id) from audit_log").fetchone()[0] >= 8
    seal(aged)
    assert findings(aged) == []
    aged.execute("insert into public.t values (100)")
    seal(aged)
    assert findings(aged) == []


def test_the_cut_is_evidence(aged):
    anchor(aged)
    aged.execute("select retire_audit('90 days')")
    assert aged.execute(
        "select new_row ->> 'first_kept_seal' from audit_log where op = 'RETENTION'"
        " order by n desc limit 1"
    ).fetchone() == ("8",)
    tamper(aged, "delete from audit_intake where op = 'RETENTION'")
    assert "retention_unrecorded" in {kind for kind, _seal, _n in findings(aged)}


def test_a_deeper_cut_than_recorded_is_found(aged):
    anchor(aged)
    aged.execute("select retire_audit('90 days')")
    tamper(aged, "delete from audit_blocks where seal_id = 9")
    assert "block_missing" in {kind for kind, _seal, _n in findings(aged)}


def test_an_open_transaction_of_old_holds_its_partition(aged, connect):
    slow = connect()
    with slow.transaction():
        slow.execute("set transaction isolation level repeatable read")
        slow.execute("select 1 from public.t")
        anchor(aged)
        aged.execute("select retire_audit('90 days')")
    assert aged.execute("select count(*) from audit_retentions").fetchone()[0] > 0
