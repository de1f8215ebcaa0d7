"""What only a log in format 2, in blocks, can suffer is found as well."""

import threading

import psycopg
import pytest
from plumbline.cli.audit import blocks
from plumbline.cli.audit.verifier import Verifier

from .attacks.blocks import ATTACKS, EDIT
from .clusters import agreed
from .conftest import seal, tamper


def rows_of_log(db):
    return db.execute("select count(*) from audit_log").fetchone()[0]


def test_whoever_reads_the_log_reads_what_is_left_of_it(written):
    rows = rows_of_log(written)
    for statement, _findings in ATTACKS.values():
        with written.transaction(force_rollback=True):
            tamper(written, statement)
            assert rows_of_log(written) >= rows - 9
            written.execute("select * from row_history('app.item', '20')").fetchall()
            written.execute("select * from reconcile_audit('app.item')").fetchall()


def test_the_finding_of_a_row_names_its_key(written):
    tamper(written, EDIT.format(21))
    written.execute("select run_audit_check()")
    assert written.execute(
        "select kind, relation, record_key, n from open_findings where source = 'log'"
    ).fetchall() == [("row_altered", "app.item", "21", 2)]


@pytest.mark.parametrize(
    "forged",
    [
        "null",
        '"x"',
        '{"rows": 5, "blocks": null}',
        '{"rows": [5, null, [], {}], "blocks": [{}, 7, {"seal": "a"}]}',
        '{"rows": [{"txid": "x", "n": 1, "base_seal": 0, "remains": "y"}]}',
        '{"rows": [{"txid": 1e30, "n": 1.5, "base_seal": -1, "remains": null}]}',
    ],
)
def test_a_forged_redaction_stops_neither_verifier(written, forged):
    written.execute("select redact_audit('app.item', '21', '{name}', 'asked to')")
    seal(written)
    tamper(
        written,
        "update audit_blocks set lines = regexp_replace(lines, '\"new_row\": .*', %s)"
        ' where lines like \'%%"op": "REDACT"%%\'',
        [f'"new_row": {forged}}}'],
    )
    assert sorted(f.kind for f in agreed(written)) == ["redaction_altered"] * 2 + ["row_altered"]


@pytest.mark.parametrize("sealed", ["max(seal_id)", "max(seal_id) + 1000"])
def test_a_cut_that_left_something_behind_is_found(written, sealed):
    written.execute(
        "insert into audit_retentions"
        " (first_kept_seal, row_count, transaction_count, last_seal_hash, retired_at)"
        f" select {sealed}, 0, 0, '', now() from seals"
    )
    (cut,) = written.execute("select first_kept_seal from audit_retentions").fetchone()
    written.execute(
        "select append_audit('RETENTION', 'plumb.audit_log', '', null,"
        " jsonb_build_object('first_kept_seal', %s::bigint))",
        [cut],
    )
    kinds = {(f.kind, f.seal) for f in agreed(written)}
    assert ("retention_incomplete", cut) in kinds
    assert (("seal_missing", cut) in kinds) is ("1000" in sealed)


def test_a_verifier_that_skips_a_line_finds_fault_with_an_edited_one(written, monkeypatch):
    tamper(written, EDIT.format(21))
    honest = blocks.split_lines
    monkeypatch.setattr(blocks, "split_lines", lambda lines: honest(lines)[:1])
    with written.transaction():
        assert list(Verifier(written).findings()) != []


def test_a_large_transaction_has_several_blocks(audit):
    audit.execute("insert into app.item select g, 'n' from generate_series(1, 2500) as g")
    newest = seal(audit)
    assert audit.execute(
        "select block_number, first_n, row_count from audit_blocks where seal_id = %s order by 1",
        [newest],
    ).fetchall() == [(1, 1, 1000), (2, 1001, 1000), (3, 2001, 500)]
    assert agreed(audit) == []
    tamper(audit, EDIT.format(1500))
    assert [(f.kind, f.n) for f in agreed(audit)] == [("row_altered", 1500)]
    with audit.transaction(force_rollback=True):
        tamper(audit, "delete from audit_blocks where first_n = 1001")
        assert [f.expected for f in agreed(audit)] == ["block 2"]


def test_wide_rows_make_blocks_of_few_rows(audit):
    audit.execute(
        "insert into app.item select g, repeat(md5(g::text), 10000) from generate_series(1, 9) as g"
    )
    newest = seal(audit)
    lengths = audit.execute(
        "select max(octet_length(lines)), count(*) from audit_blocks where seal_id = %s", [newest]
    ).fetchone()
    assert lengths[0] < 1_400_000
    assert lengths[1] > 1
    assert agreed(audit) == []


def test_rows_that_arrive_while_verifying_are_no_finding(written, connect):
    other = connect()
    with written.transaction():
        written.execute("set transaction isolation level repeatable read")
        verifier = Verifier(written)
        other.execute("insert into app.item values (50)")
        other.execute("select plumb.seal_audit()")
        assert list(verifier.findings()) == []
        assert written.execute("select count(*) from verify_audit()").fetchone() == (0,)


def test_a_verifier_without_one_snapshot_would_cry_wolf(written, connect):
    other = connect()
    with written.transaction():
        verifier = Verifier(written)
        other.execute("insert into app.item values (50)")
        other.execute("select plumb.seal_audit()")
        assert list(verifier.findings()) != []


def test_what_arrives_while_the_database_verifies_is_no_finding(
    written, connect, wait_until_blocked
):
    verifying, writing, locking = connect(), connect(), connect()
    found = []
    with locking.transaction():
        # Verification has begun when it comes to this table, and its snapshot is taken.
        locking.execute("lock table plumb.audit_retentions in access exclusive mode")
        query = "select kind, seal from plumb.verify_audit()"
        thread = threading.Thread(target=lambda: found.extend(verifying.execute(query)))
        thread.start()
        wait_until_blocked(verifying)
        for key in (50, 60):
            writing.execute("insert into app.item values (%s)", [key])
            writing.execute("select plumb.seal_audit()")
        writing.execute("insert into app.item values (70)")
    thread.join()
    assert found == []


def test_a_forged_setting_hides_no_truncation(written, connect):
    written.execute("insert into app.part values (1, 'eu', 'a'), (2, 'us', 'b')")
    session = connect()
    with session.transaction():
        session.execute("set local plumb.audit_truncating = 'app.part'")
        session.execute("truncate app.part_eu")

    assert written.execute(
        "select old_row ->> 'id' from audit_log where relation = 'app.part' and op = 'DELETE'"
    ).fetchall() == [("1",)]
    assert written.execute("select * from reconcile_audit('app.part')").fetchall() == []


def test_a_forged_setting_hides_no_change_of_shape(written, connect):
    written.execute("create role shaper; grant all on schema app to shaper")
    written.execute("alter table app.item owner to shaper")
    session = connect()
    with session.transaction():
        session.execute("set local role shaper")
        session.execute("set local plumb.audit_attaching = 'on'")
        session.execute("alter table app.item add column extra text")

    tag, command = written.execute(
        "select new_row ->> 'tag', new_row ->> 'command' from audit_log"
        " where op = 'DDL' order by txid desc, n desc limit 1"
    ).fetchone()
    assert tag == "ALTER TABLE"
    assert "add column extra" in command


def test_forged_settings_write_nothing_that_does_not_verify(written, connect):
    session = connect()
    for (name,) in written.execute(
        "select distinct m[1] from pg_proc, regexp_matches(prosrc,"
        " '''(plumb\\.audit_[a-z_]+)''', 'g') as m where pronamespace = 'plumb'::regnamespace"
    ).fetchall():
        for value in ("", "7", "{}", "evil"):
            with session.transaction():
                session.execute("select set_config(%s, %s, true)", [name, value])
                try:
                    with session.transaction():
                        session.execute("insert into app.item values (70) on conflict do nothing")
                        session.execute("delete from app.item where id = 70")
                except psycopg.Error as error:
                    assert error.sqlstate is not None
    seal(written)
    assert agreed(written) == []
    assert written.execute("select count(*) from reconcile_audit('app.item')").fetchone() == (0,)
