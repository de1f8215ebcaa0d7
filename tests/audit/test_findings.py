"""What verification finds is recorded once and stays until it is repaired or accepted."""

import json
import os

import psycopg
import pytest
from plumbline.cli.__main__ import main
from psycopg import errors

from .conftest import behind_the_triggers, edit, seal, tamper

BY = "Ann Owner"
WHY = "looked into with the shop's support"


@pytest.fixture
def written(audit):
    audit.execute("insert into app.item select i, 'n' || i from generate_series(1, 20) as i")
    audit.execute("insert into app.pair values (1, 'x', 'n')")
    seal(audit)
    check(audit)
    return audit


def check(db, is_full=False):
    return db.execute("select run_audit_check(%s)", [is_full]).fetchone()[0]


def open_findings(db):
    return db.execute(
        "select kind, relation, record_key, object from open_findings order by 1, 2, 3"
    ).fetchall()


def incidents(db):
    return dict(
        db.execute("select scope, priority from open_incidents where source = 'audit'").fetchall()
    )


def accept_all(db):
    (ids,) = db.execute("select array_agg(audit_finding_id) from open_findings").fetchone()
    db.execute("select accept_findings(%s, %s, %s)", [ids, BY, WHY])


def edit_log(db, key="3"):
    edit(db, key)


def edit_table(db, table, statement):
    """Change a table behind its triggers, and leave no trace but the change itself."""
    with db.transaction():
        for trigger in ("plumb_audit_ddl", "plumb_audit_drop"):
            db.execute(f"alter event trigger {trigger} disable")
        behind_the_triggers(db, statement.format(table), table)
        for trigger in ("plumb_audit_ddl", "plumb_audit_drop"):
            db.execute(f"alter event trigger {trigger} enable always")


def test_a_finding_names_the_row_and_its_key(written):
    edit_log(written)
    check(written, True)
    row = written.execute(
        "select f.kind, f.relation, f.record_key, f.seal = l.seal_id, f.n = l.n"
        " from open_findings as f"
        " inner join audit_log as l on l.txid = f.txid and l.record_key = '3'"
    ).fetchall()
    assert row == [("row_altered", "app.item", "3", True, True)]
    assert incidents(written) == {"audit_log": "P1"}


def test_the_next_verification_finds_the_same_finding(written):
    edit_log(written)
    edit_table(written, "app.item", "update {} set name = 'evil' where id = 7")
    check(written, True)
    before = written.execute("select audit_finding_id from open_findings order by 1").fetchall()
    seal(written)
    check(written)
    check(written, True)
    assert (
        written.execute("select audit_finding_id from open_findings order by 1").fetchall()
        == before
    )
    assert len(before) == 3


def test_an_accepted_finding_leaves_the_audit_green_and_a_new_one_does_not(written):
    edit_log(written)
    check(written, True)
    accept_all(written)
    assert incidents(written) == {}
    assert check(written, True).endswith("0 findings, 1 accepted")
    assert incidents(written) == {}
    edit_log(written, "4")
    check(written, True)
    assert open_findings(written) == [("row_altered", "app.item", "4", None)]
    assert incidents(written) == {"audit_log": "P1"}


def test_an_accepted_finding_whose_content_changes_is_a_new_one(written):
    edit_log(written)
    check(written, True)
    accept_all(written)
    edit_log(written)
    check(written, True)
    assert len(open_findings(written)) == 1
    assert incidents(written) == {"audit_log": "P1"}


def test_accepted_differences_of_a_table_stay_accepted_while_it_is_written_on(written):
    edit_table(written, "app.item", "update {} set name = 'evil' where id = 7")
    check(written, True)
    assert {kind for kind, *_ in open_findings(written)} == {"row_differs", "table_differs"}
    accept_all(written)
    written.execute("insert into app.item values (100, 'honest')")
    seal(written)
    check(written)
    check(written, True)
    assert open_findings(written) == []
    edit_table(written, "app.item", "update {} set name = 'evil' where id = 8")
    check(written, True)
    assert [f[:3] for f in open_findings(written)] == [
        ("row_differs", "app.item", "8"),
        ("table_differs", "app.item", None),
    ]


def test_a_difference_found_once_is_not_cleared_by_a_look_at_what_is_new(written):
    edit_table(written, "app.item", "update {} set name = 'evil' where id = 7")
    check(written, True)
    check(written)
    assert incidents(written) == {"audit_log": "P1"}
    edit_table(written, "app.item", "update {} set name = 'n7' where id = 7")
    check(written)
    assert incidents(written) == {}


def test_the_log_says_who_accepted_what_and_as_which_role(written, connect):
    edit_log(written)
    check(written, True)
    (number,) = written.execute("select audit_finding_id from open_findings").fetchone()
    written.execute("grant plumb_operator to plumb_test_operator")
    operator = connect(user="plumb_test_operator")
    operator.execute("select plumb.accept_finding(%s, %s, %s)", [number, BY, WHY])
    written.execute("select withdraw_acceptance(%s, 'Bob', 'it was not the support')", [number])
    said = written.execute(
        "select op, actor, record_key, new_row ->> 'accepted_by', new_row ->> 'accepted_role',"
        " new_row ->> 'kind' from audit_log where relation = 'plumb.audit_findings'"
        " order by occurred_at"
    ).fetchall()
    assert said == [
        ("ACCEPT", "plumb_test_operator", str(number), BY, "plumb_test_operator", "row_altered"),
        ("WITHDRAW", "postgres", str(number), None, None, None),
    ]
    assert incidents(written) == {"audit_log": "P1"}


@pytest.fixture(autouse=True)
def operator_role(db, give_password):
    db.execute("create role plumb_test_operator login")
    give_password(db, "plumb_test_operator")
    yield
    db.execute("reset session authorization")
    db.execute("drop role plumb_test_operator")


@pytest.mark.parametrize(("by", "why"), [("", WHY), (BY, " "), (None, WHY), (BY, None)])
def test_accepting_needs_a_name_and_a_reason(written, by, why):
    edit_log(written)
    check(written, True)
    with pytest.raises(psycopg.Error, match="is missing: got"):
        written.execute(
            "select accept_finding(audit_finding_id, %s, %s) from open_findings", [by, why]
        )


def test_only_an_open_finding_can_be_accepted(written):
    edit_log(written)
    check(written, True)
    (number,) = written.execute("select audit_finding_id from open_findings").fetchone()
    accept_all(written)
    with pytest.raises(psycopg.Error, match="accepted already"):
        written.execute("select accept_finding(%s, %s, %s)", [number, BY, WHY])
    with pytest.raises(psycopg.Error, match="no finding 4000"):
        written.execute("select accept_finding(4000, %s, %s)", [BY, WHY])


def test_an_owner_or_reader_accepts_nothing_and_sees_no_value(written):
    edit_table(written, "app.item", "update {} set name = 'evil' where id = 7")
    check(written, True)
    with written.transaction(force_rollback=True):
        written.execute("set local role plumb_reader")
        assert written.execute(
            "select distinct expected, actual from open_findings where record_key = '7'"
        ).fetchall() == [(None, None)]
    for statement in ("select accept_baselines('a', 'b')", "select * from audit_findings"):
        with pytest.raises(errors.InsufficientPrivilege), written.transaction():
            written.execute("set local role plumb_reader")
            written.execute(statement)


def test_an_acceptance_that_the_log_does_not_know_counts_for_nothing(written):
    edit_log(written)
    check(written, True)
    written.execute(
        "update audit_findings set accepted_by = 'x', accepted_role = 'x', accepted_at = now(),"
        " accept_reason = 'x'"
    )
    check(written)
    assert ("acceptance_unrecorded", None) in {f[:2] for f in open_findings(written)}
    assert incidents(written) == {"audit_log": "P1"}


def test_accepted_findings_take_no_place_from_new_ones(written):
    written.execute("select change_setting('audit_findings_max', '5')")
    for key in range(11, 16):
        edit(written, key)
    check(written, True)
    accept_all(written)
    edit_log(written, "20")
    check(written, True)
    assert ("row_altered", "app.item", "20", None) in open_findings(written)


def test_forged_rows_of_a_session_do_not_keep_the_audit_red_for_ever(written, connect):
    writer = connect()
    with writer.transaction():
        writer.execute("insert into app.item values (500, 'a')")
    seal(written)
    tamper(
        written,
        "update audit_blocks set lines = replace(lines, '{\"n\": 1,', '{\"n\": 5000,')"
        " where keys @> array[key_number('app.item', '500')]",
    )
    check(written)
    assert incidents(written) == {"audit_log": "P1"}
    accept_all(written)
    for is_full in (False, True, False):
        check(written, is_full)
        assert incidents(written) == {}


def test_an_edit_of_an_old_row_is_found_without_reading_the_whole_log(written):
    written.execute("insert into app.item values (60)")
    seal(written)
    check(written)
    written.execute("insert into app.item values (61)")
    seal(written)
    check(written)
    edit_log(written)
    assert "again 0 to" in check(written)
    assert open_findings(written) == [("row_altered", "app.item", "3", None)]


def test_old_seals_are_verified_again_in_the_stated_time(written):
    """A log of ten million rows is read again in an hour, a quarter of it in a quarter of one."""
    for _ in range(8):
        written.execute("insert into app.pair values (%s, 'x', 'n')", [_ + 10])
        seal(written)
    tamper(written, "update seals set row_count = 1250000 where seal_id > 0")
    (newest,) = written.execute("select max(seal_id) from seals").fetchone()
    written.execute("set plumb.\"current_time\" = '2100-01-01 00:00'")
    written.execute(
        "insert into audit_verification (id, through_seal, seal_hash, finding_count, verified_at)"
        " select 1, seal_id, seal_hash, 0, plumb.current_time() from seals"
        " order by seal_id desc limit 1"
        " on conflict (id) do update set verified_at = excluded.verified_at"
    )
    rounds = []
    for minute in ("15", "30", "45"):
        written.execute(f"set plumb.\"current_time\" = '2100-01-01 00:{minute}'")
        window = written.execute("select * from reverify_window(%s)", [newest + 1]).fetchone()
        rounds.append(window)
        written.execute(
            "update audit_verification"
            " set verified_at = plumb.current_time(), reverified_seal = %s",
            [window[1]],
        )
    assert rounds[0][0] == 0
    assert [b[0] for b in rounds[1:]] == [a[1] + 1 for a in rounds[:-1]]
    assert all(2 <= last - first + 1 <= 4 for first, last in rounds)


@pytest.mark.parametrize("target", ["app.item", "app.part_eu"])
def test_a_locked_table_is_named_and_the_others_are_verified(written, connect, target):
    edit_table(written, "app.pair", "update {} set note = 'evil'")
    written.execute("select change_setting('audit_lock_timeout_ms', '100')")
    holder = connect()
    with holder.transaction():
        holder.execute(f"lock table {target} in access exclusive mode")
        check(written, True)
        locked = target.removesuffix("_eu")
        assert ("not_reconciled", locked, None, "lock") in open_findings(written)
        assert ("row_differs", "app.pair", '["x", 1]', None) in open_findings(written)
        assert incidents(written) == {"audit_log": "P1"}
        check(written, True)
        assert incidents(written) == {"audit_log": "P1", "not_verified": "P2"}
    check(written, True)
    assert incidents(written) == {"audit_log": "P1"}
    assert "not_reconciled" not in {kind for kind, *_ in open_findings(written)}


def test_the_command_marks_what_is_accepted(written, monkeypatch, capsys):
    info = written.info
    password = os.environ.get("PGPASSWORD")
    url = f"{info.dsn} password={password}" if password else info.dsn
    monkeypatch.setenv("DATABASE_URL", url)
    edit_log(written)
    check(written, True)
    accept_all(written)
    edit_log(written, "4")
    for words in ([], ["--independent"]):
        assert main(["audit", "verify", "--json", *words]) == 1
        found = json.loads(capsys.readouterr().out)
        assert sorted((f["kind"], f["accepted"]) for f in found) == [
            ("row_altered", False),
            ("row_altered", True),
        ]
    check(written, True)
    accept_all(written)
    for words in ([], ["--independent"]):
        assert main(["audit", "verify", *words]) == 0
        assert "(accepted)" in capsys.readouterr().out
