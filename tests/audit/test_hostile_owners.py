"""Who owns tables, types and triggers of their own gains nothing by it over the audit log."""

import psycopg
import pytest
from hostile_defaults import set_all

from .conftest import logged

BAIT = """
    create function pg_temp.quiet() returns trigger language plpgsql as 'begin return null; end';
    create temp table bait (id integer primary key);
    create trigger plumb_audit_insert after insert on bait
        for each statement execute function pg_temp.quiet('app.item');
    alter table bait add x integer;
"""


@pytest.fixture
def mallory(audit):
    """Yield a session in which an ordinary role owns schema `own` and may use schema app."""
    audit.execute("create role mallory")
    audit.execute("create schema own authorization mallory")
    audit.execute("grant usage on schema app to mallory")
    audit.execute("grant all on all tables in schema app to mallory")
    audit.execute("set session authorization mallory")
    yield audit
    audit.execute("reset session authorization")
    for table in ("own.item", "own.part"):
        audit.execute(f"drop table if exists {table}")
    audit.execute("drop owned by mallory cascade")
    audit.execute("drop role mallory")


def as_superuser(db, statement):
    db.execute("reset session authorization")
    result = db.execute(statement)
    rows = result.fetchall() if result.description else None
    db.execute("set session authorization mallory")
    return rows


def test_a_trigger_by_our_name_makes_no_table_ours(mallory):
    before = as_superuser(mallory, "select to_jsonb(a) from audited_tables as a order by relation")
    mallory.execute(BAIT)
    assert (
        as_superuser(mallory, "select to_jsonb(a) from audited_tables as a order by relation")
        == before
    )
    assert mallory.execute(
        "select tgname from pg_trigger where tgrelid = 'bait'::regclass and not tgisinternal"
    ).fetchall() == [("plumb_audit_insert",)]
    assert as_superuser(mallory, "select * from check_audit()") == []


def test_a_cast_to_json_of_somebody_else_is_refused(mallory):
    mallory.execute("create type own.mood as enum ('sad')")
    mallory.execute(
        "create function own.tell(own.mood) returns json language sql return '\"x\"'::json"
    )
    with pytest.raises(psycopg.Error, match=r"own\.tell.*belongs to mallory"):
        mallory.execute("create cast (own.mood as json) with function own.tell(own.mood)")


def test_a_cast_from_before_keeps_a_table_from_being_audited_and_is_a_finding(mallory):
    mallory.execute("create type own.mood as enum ('sad')")
    mallory.execute(
        "create function own.tell(own.mood) returns json language sql return '\"x\"'::json"
    )
    mallory.execute("create table own.item (id integer primary key, mood own.mood)")
    as_superuser(mallory, "alter event trigger plumb_audit_cast disable")
    mallory.execute("create cast (own.mood as json) with function own.tell(own.mood)")
    as_superuser(mallory, "alter event trigger plumb_audit_cast enable always")
    with pytest.raises(psycopg.Error, match="give it to a superuser"):
        as_superuser(mallory, "select audit_table('own.item')")
    mallory.execute("set session authorization mallory")
    assert as_superuser(mallory, "select kind, object from check_audit()") == [
        ("cast_untrusted", "own.mood")
    ]
    as_superuser(mallory, "alter function own.tell owner to postgres")
    assert as_superuser(mallory, "select kind from check_audit()") == []


def test_a_domain_check_does_not_run_when_a_table_is_reconciled(mallory):
    mallory.execute("create domain own.code as text")
    mallory.execute("create table own.item (id own.code primary key)")
    as_superuser(mallory, "select audit_table('own.item')")
    mallory.execute("insert into own.item values ('a')")
    mallory.execute(
        "create function own.who(text) returns boolean language plpgsql as $$ begin"
        " if current_user <> 'mallory' then raise 'run as %', current_user; end if;"
        " return true; end $$"
    )
    mallory.execute("alter domain own.code add check (own.who(value))")
    as_superuser(mallory, "select seal_audit()")
    assert as_superuser(mallory, "select * from reconcile_audit('own.item', 'changes')") == []


def test_a_column_named_like_anything_of_ours_is_only_a_column(mallory):
    mallory.execute(
        "create table own.item (id integer primary key, t jsonb, o text, n integer, i integer)"
    )
    as_superuser(mallory, "select audit_table('own.item')")
    mallory.execute(
        "insert into own.item (id, t) select g, jsonb_build_object('id', -g)"
        " from generate_series(1, 150) as g"
    )
    mallory.execute("update own.item set t = '{\"id\": 0, \"t\": null}', o = 'x'")
    found = as_superuser(
        mallory,
        "select count(*) from audit_log where relation = 'own.item' and op = 'UPDATE'"
        " and record_key = new_row ->> 'id' and old_row -> 't' ->> 'id' = '-' || record_key"
        " and new_row -> 't' = '{\"id\": 0, \"t\": null}' and new_row ->> 'o' = 'x'",
    )
    assert found == [(150,)]


def test_a_forged_marker_hides_no_truncated_partition(mallory):
    as_superuser(mallory, "grant truncate on all tables in schema app to mallory")
    with mallory.transaction():
        mallory.execute("truncate app.part")
        mallory.execute("insert into app.part values (1, 'eu'), (2, 'us')")
        mallory.execute("set local plumb.audit_truncating = 'app.part'")
        mallory.execute("truncate app.part_eu")
    mallory.execute("reset session authorization")
    ops = [op for op, *_ in logged(mallory, "app.part")]
    assert ops == ["TRUNCATE", "INSERT", "INSERT", "DELETE"]


@pytest.mark.parametrize("quoting", ["on", "off"])
def test_how_a_session_quotes_names_changes_no_record(mallory, quoting):
    mallory.execute("create table own.item (id integer primary key)")
    as_superuser(mallory, "select audit_table('own.item')")
    mallory.execute(f"set quote_all_identifiers = {quoting}")
    mallory.execute("alter table own.item add x integer")
    mallory.execute("insert into own.item values (1)")
    mallory.execute("drop table own.item")
    mallory.execute("reset quote_all_identifiers")
    ops = as_superuser(
        mallory,
        "select op from audit_log where relation = 'own.item'"
        " or (relation = 'plumb.audited_tables' and record_key = 'own.item')"
        " order by occurred_at, n",
    )
    assert [op for (op,) in ops] == ["AUDIT", "BASELINE", "DDL", "INSERT", "DDL", "UNAUDIT"]
    assert as_superuser(mallory, "select * from check_audit()") == []


def test_no_setting_of_a_session_changes_what_is_recorded(mallory):
    mallory.execute(
        "create table own.part (id integer primary key, at timestamptz, f float8, b bytea)"
        " partition by range (id);"
        "create table own.part_1 partition of own.part for values from (0) to (10)"
    )
    as_superuser(mallory, "select plumb.audit_table('own.part')")
    set_all(mallory)
    for statement in (
        "insert into own.part values (1, '2026-11-30 11:00+00', 0.1, '\\\\x00ff')",
        "insert into own.part values (2)",
        "update own.part set id = 3 where id = 2",
        "truncate own.part_1",
        "alter table own.part add note text",
        "insert into own.part (id) values (4)",
        "delete from own.part",
        "truncate own.part",
    ):
        mallory.execute(statement)
    mallory.execute("reset all")

    as_superuser(mallory, "select plumb.seal_audit()")
    rows = as_superuser(
        mallory,
        "select op, record_key, new_key, new_row from plumb.audit_log"
        " where relation = 'own.part' and op not in ('BASELINE', 'SNAPSHOT') order by position",
    )
    row = {"id": 1, "at": "2026-11-30T11:00:00+00:00", "f": 0.1, "b": "\\x00ff"}
    assert [one[:3] for one in rows] == [
        ("INSERT", "1", None),
        ("INSERT", "2", None),
        ("UPDATE", "2", "3"),
        ("DELETE", "1", None),
        ("DELETE", "3", None),
        ("DDL", None, None),
        ("INSERT", "4", None),
        ("DELETE", "4", None),
        ("TRUNCATE", None, None),
    ]
    assert rows[0][3] == row
    assert as_superuser(mallory, "select * from plumb.check_audit()") == []
    assert as_superuser(mallory, "select * from plumb.reconcile_audit('own.part', 'full')") == []
