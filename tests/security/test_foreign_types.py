"""What hangs below a table and its columns never runs with rights that its owner lacks.

Types, operators, casts, partition keys and triggers that wait for the commit, attached all at once
to audited, guarded and declared tables of mallory's; then everything that runs by itself runs.
"""

import psycopg
import pytest
from plumbline.core.migrate import migrate


def jobs(db):
    return [name for (name,) in db.execute("select job_name from plumb.jobs order by 1")]


def test_no_job_runs_what_hangs_below_a_table_with_its_rights(below, watch):
    session = watch("plumb_worker")
    # A backup is a program of its own: tests/backup/test_hostile_backup.py.
    for job in jobs(below):
        if job == "backup":
            continue
        result = session.call(f"call plumb.run_job('{job}', true)")
        assert not isinstance(result, Exception), (job, result)
        assert session.did == [], job
        assert session.ran_as <= {"plumb_inspector"}, job
    assert session.ran_as == {"plumb_inspector"}
    assert below.execute("select * from own.seen where who <> 'mallory'").fetchall() == []
    assert (
        below.execute(
            "select distinct job_name from plumb.job_runs where result = 'failed'"
        ).fetchall()
        == []
    )


CALLS = (
    "select plumb.verify()",
    "select plumb.run_audit_check(true)",
    "select plumb.rebase_audit('own.item', 'rows')",
    "select plumb.rebase_audit('own.whole', 'sum')",
    "select * from plumb.reconcile_audit('own.item', 'full')",
    "select * from plumb.row_history('own.item', '3')",
    "select plumb.row_as_of('own.item', '3', now())",
    "select * from plumb.verify_audit()",
    "select * from plumb.check_audit()",
    "select * from plumb.database_checks",
    "select plumb.check_indexes()",
    "select plumb.check_sequences()",
    "select * from plumb.guarded",
    "select * from plumb.read_violations('OWN_LOOK')",
    'select * from plumb.read_violations(\'OWN_ITEMS\', \'{"subject": ["3"], "v": ["wrong"]}\')',
    "select plumb.open_incident('test', 'scope', 'P1', 'title')",
    "select plumb.score_health()",
    "select plumb.describe_health()",
    "select plumb.engage_safe_mode('a test', 'ops')",
    "select plumb.guard_table('own.item')",
    "select plumb.unguard_table('own.item')",
    "select plumb.enforce_invariant('OWN_ITEMS', 'commit')",
    "select plumb.drop_invariant('OWN_LOOK')",
    "select plumb.redact_audit('own.item', '3', null, 'a test')",
    "select plumb.unaudit_table('own.item')",
    "select plumb.audit_table('own.item')",
    "select plumb.run_security_scan()",
)


def test_no_call_of_an_administrator_does_either(below, watch):
    session = watch()
    for call in CALLS:
        if "unguard" in call:
            below.execute("update plumb.system_mode set mode = 'normal'")
        result = session.call(call)
        assert not isinstance(result, Exception), (call, result)
        assert session.did == [], call
        assert session.ran_as <= {"plumb_inspector"}, call
    assert below.execute("select * from own.seen where who <> 'mallory'").fetchall() == []


def test_a_migration_does_not_either(below):
    migrate(below.info.dsn, report=lambda _line: None)

    assert below.execute("select * from own.seen where who <> 'mallory'").fetchall() == []
    assert below.execute(
        "select rolsuper, rolbypassrls from pg_roles where rolname = 'mallory'"
    ).fetchone() == (False, False)


def test_writing_to_such_a_table_runs_it_as_the_writer(below, connect, watch):
    session = watch("mallory")
    for statement in (
        "insert into own.item (id, v) values (100, 'x')",
        "update own.item set v = 'y' where id = 100",
        "delete from own.item where id = 100",
    ):
        result = session.session.execute(statement)
        assert result.rowcount == 1
    assert session.ran_as <= {"mallory", "plumb_inspector"}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.session.execute("table plumb.audit_log")
