"""Whatever DDL does to an audited table, the log goes on, and no check says what is not so."""

import psycopg
import pytest

from .conftest import logged, seal


def reconciled(db, relation="app.item"):
    """Let the daily check look at a table in both ways; returns what it found."""
    seal(db)
    (needs_baseline,) = db.execute(
        "select needs_baseline from audited_tables where relation = %s", [relation]
    ).fetchone()
    if needs_baseline:
        db.execute("select rebase_audit(%s::regclass)", [relation])
    return [
        row
        for mode in ("changes", "full")
        for row in db.execute(
            "select kind, record_key from reconcile_audit(%s::regclass, %s)", [relation, mode]
        ).fetchall()
    ]


def test_a_renamed_column_stays_out_of_the_log(audit):
    audit.execute("create table app.secret (id integer primary key, code text, word text)")
    audit.execute("select audit_table('app.secret', '{code}', '{word}')")
    audit.execute("alter table app.secret rename code to digits")
    audit.execute("alter table app.secret rename word to phrase")
    audit.execute("insert into app.secret values (1, 'hidden', 'hidden')")
    assert logged(audit, "app.secret")[-1][3] == {"id": 1, "phrase": "***"}
    assert audit.execute(
        "select excluded_columns, masked_columns from audited_tables where relation = 'app.secret'"
    ).fetchone() == (["digits"], ["phrase"])
    assert audit.execute("select * from check_audit()").fetchall() == []


def test_a_dropped_column_is_no_longer_left_out_and_the_log_says_so(audit):
    audit.execute("create table app.secret (id integer primary key, code text)")
    audit.execute("select audit_table('app.secret', '{code}')")
    audit.execute("alter table app.secret drop code, add other text")
    audit.execute("insert into app.secret values (1, 'seen')")
    assert logged(audit, "app.secret")[-1][3] == {"id": 1, "other": "seen"}
    descriptions = audit.execute(
        "select new_row ->> 'excluded_columns' from audit_log where op = 'AUDIT'"
        " and record_key = 'app.secret' order by occurred_at, n"
    ).fetchall()
    assert descriptions == [('["code"]',), ("[]",)]


@pytest.mark.parametrize(
    "statement",
    [
        "alter table app.item add made serial",
        "alter table app.item add token uuid default gen_random_uuid()",
        "alter table app.item add double integer generated always as (id * 2) stored",
        "alter table app.item alter name type text using upper(name)",
        "alter table app.item drop name, add name text",
        "alter table app.item alter id type bigint",
        "alter type app.mood rename value 'sad' to 'blue'",
        "alter type app.place rename attribute street to road",
        "alter table app.item rename name to title",
        "alter table app.item rename to thing",
        "alter schema app rename to other",
        "alter index app.item rename to thing",
        "alter table app.item set schema public",
    ],
)
def test_after_ddl_the_table_reconciles_and_writing_goes_on(audit, statement):
    audit.execute("create type app.mood as enum ('sad', 'glad')")
    audit.execute("create type app.place as (street text, number integer)")
    audit.execute("alter table app.item add mood app.mood, add places app.place[]")
    audit.execute(
        "insert into app.item (id, name, mood, places) select g, 'n' || g, 'sad',"
        " array[row('Elm', g)::app.place] from generate_series(1, 5) as g"
    )
    assert reconciled(audit) == []
    with audit.transaction(force_rollback=True):
        audit.execute(statement)
        (relation,) = audit.execute(
            "select relation from audited_tables where column_types ? 'seen_at'"
        ).fetchone()
        audit.execute(f"insert into {relation} (id) values (100)")
        audit.execute(f"delete from {relation} where id = 1")
        assert reconciled(audit, relation) == []
        assert logged(audit, relation, "op")[-2:] == [("INSERT",), ("DELETE",)]
        assert audit.execute("select * from check_audit()").fetchall() == []


def test_a_virtual_generated_column_stays_out_of_the_log(audit):
    if audit.info.server_version < 180000:
        pytest.skip("this server has no virtual generated columns")
    audit.execute(
        "create table app.sum (id integer primary key, a integer, b integer,"
        " total integer generated always as (a + b) virtual)"
    )
    audit.execute("insert into app.sum values (1, 2, 3)")
    audit.execute("select audit_table('app.sum', '{}', '{total}')")
    snapshot = "select new_row from audit_log where relation = 'app.sum' and op = 'SNAPSHOT'"
    assert audit.execute(snapshot).fetchone()[0] == {"id": 1, "a": 2, "b": 3}
    audit.execute("insert into app.sum select g, g, g from generate_series(2, 300) as g")
    audit.execute("update app.sum set a = 9 where id = 1")
    assert logged(audit, "app.sum")[-1][3] == {"id": 1, "a": 9, "b": 3}
    for statement in (
        "alter table app.sum alter total set expression as (a - b)",
        "alter table app.sum add twice integer generated always as (a * 2) virtual",
        "alter table app.sum rename twice to doubled",
    ):
        audit.execute(statement)
        audit.execute("update app.sum set b = b + 1")
        assert logged(audit, "app.sum")[-1][3].keys() == {"id", "a", "b"}
        assert reconciled(audit, "app.sum") == []
        assert audit.execute("select * from check_audit()").fetchall() == []
    audit.execute("alter table app.sum disable trigger all")
    audit.execute("update app.sum set a = 1 where id = 7")
    assert reconciled(audit, "app.sum") != []


def test_a_redacted_row_that_is_still_there_is_no_difference(audit):
    audit.execute("insert into app.item values (1, 'a'), (2, 'b')")
    audit.execute("select redact_audit('app.item', '1', '{name}', 'a request')")
    assert reconciled(audit) == []


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("integer[]", ["{1,2}", "{3}"]),
        ("numeric", ["1.0", "1.00"]),
        ("double precision", ["1e300", "-0"]),
        ("app.code", ["a", "b"]),
        ("app.mood", ["sad", "glad"]),
        ("jsonb", ['{"a": 1}', "[1]"]),
        ("bytea", ["\\x00", "\\xff"]),
        ("int4range", ["[1,2)", "[2,9)"]),
        ('text collate "und_any"', ["A", "b"]),
        ("timestamptz", ["2026-01-01", "infinity"]),
        ("character(5)", ["a", "b"]),
    ],
)
def test_keys_of_every_type_reconcile(audit, kind, values):
    audit.execute("create domain app.code as text check (value <> '')")
    audit.execute("create type app.mood as enum ('sad', 'glad')")
    audit.execute(
        "create collation if not exists und_any"
        " (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
    )
    audit.execute(f"create table app.odd (k {kind} primary key, v integer)")
    audit.execute("select audit_table('app.odd')")
    seal(audit)
    audit.execute("insert into app.odd values (%s, 1)", [values[0]])
    audit.execute("delete from app.odd")
    audit.execute("insert into app.odd values (%s, 2)", [values[1]])
    audit.execute("update app.odd set v = 3")
    assert reconciled(audit, "app.odd") == []
    with audit.transaction():
        audit.execute("set local session_replication_role = replica")
        audit.execute("alter table app.odd disable trigger all")
        audit.execute("update app.odd set v = 4")
        audit.execute("alter table app.odd enable replica trigger plumb_audit_row")
    assert ("row_differs",) in {finding[:1] for finding in reconciled(audit, "app.odd")}


def test_another_key_begins_the_table_s_log_anew(audit):
    audit.execute("create table app.odd (id integer, name text primary key)")
    audit.execute("select audit_table('app.odd')")
    audit.execute("insert into app.odd values (1, 'abc')")
    audit.execute("alter table app.odd drop constraint odd_pkey, add primary key (id)")
    audit.execute("insert into app.odd values (2, 'def')")
    assert reconciled(audit, "app.odd") == []


def test_one_table_that_cannot_be_reconciled_hides_no_other(audit):
    audit.execute("create table app.odd (id integer primary key, v json)")
    audit.execute("select audit_table('app.odd')")
    audit.execute("insert into app.item values (1, 'a')")
    seal(audit)
    with audit.transaction():
        audit.execute("set local session_replication_role = replica")
        audit.execute("alter table app.item disable trigger all")
        audit.execute("alter table app.odd disable trigger all")
        audit.execute("update app.item set name = 'b'")
        # JSON, but no jsonb, and so nothing that the log could hold.
        audit.execute("""insert into app.odd values (1, '{"a": "\\u0000"}')""")
    audit.execute("select audit_table('app.item'), audit_table('app.odd')")
    seal(audit)
    audit.execute("select run_audit_check(true)")
    descriptions = dict(
        audit.execute(
            "select scope, description from incidents where source = 'audit' and status = 'OPEN'"
        ).fetchall()
    )
    assert "row_differs: app.item 1" in descriptions["audit_log"]
    assert (
        "not_reconciled: app.odd, error: unsupported Unicode escape sequence"
        in descriptions["not_verified"]
    )


def test_no_table_may_inherit_from_an_audited_one(audit):
    with pytest.raises(psycopg.Error, match="no table may inherit from it"):
        audit.execute("create table app.child () inherits (app.item)")


def test_an_audited_table_that_becomes_a_partition_is_logged_with_the_whole(audit):
    audit.execute("create table app.part_asia (like app.part including all)")
    audit.execute("select audit_table('app.part_asia')")
    audit.execute("insert into app.part_asia values (1, 'asia')")
    audit.execute("alter table app.part attach partition app.part_asia for values in ('asia')")
    audit.execute("insert into app.part_asia values (2, 'asia')")
    assert logged(audit, "app.part", "op, new_row") == [
        ("INSERT", {"id": 2, "region": "asia", "v": None})
    ]
    assert audit.execute("select * from check_audit()").fetchall() == []
    assert reconciled(audit, "app.part") == []
