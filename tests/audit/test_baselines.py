"""No DDL makes an edit behind the triggers disappear: a person sees it and accepts what changed."""

import psycopg
import pytest

from .conftest import as_superuser, behind_the_triggers, seal
from .test_findings import BY, WHY, check, incidents


def found(db, is_full=True):
    """Let a verification run; returns its open findings."""
    db.execute("reset session authorization")
    seal(db)
    check(db, is_full)
    rows = db.execute(
        "select kind, relation, record_key, priority from open_findings order by 1, 2, 3"
    ).fetchall()
    db.execute("set session authorization table_owner")
    return rows


def accept(db, relation="own.acct"):
    as_superuser(db, "select accept_baseline(%s, %s, %s)", [relation, BY, WHY])


def open_incidents(db):
    db.execute("reset session authorization")
    result = incidents(db)
    db.execute("set session authorization table_owner")
    return result


@pytest.mark.parametrize(
    "ddl",
    [
        "alter table own.acct alter v type text",
        "alter table own.acct alter v type bigint, alter note type varchar(9)",
        "alter table own.acct rename v to amount",
        "alter table own.acct add made timestamptz default clock_timestamp()",
        "alter table own.acct drop column note",
        "alter table own.acct rename id to acct_id",
        "alter table own.acct rename to account",
        "alter table own.acct set unlogged",
    ],
)
@pytest.mark.parametrize("is_full", [True, False])
def test_an_edit_behind_the_triggers_is_found_after_ddl(owner, ddl, is_full):
    behind_the_triggers(owner, "update own.acct set v = 999999 where id = 1")
    behind_the_triggers(owner, "delete from own.acct where id = 3")
    owner.execute(ddl)
    rows = found(owner, is_full)
    named = {(kind, key) for kind, _relation, key, priority in rows if priority == "P1"}
    assert {("row_differs", "1"), ("row_vanished", "3")} <= named
    assert "trigger_was_changed" in {row[0] for row in rows}
    assert open_incidents(owner) == {"audit_log": "P1", "baselines": "P2"}


def test_what_differed_before_a_baseline_stays_until_somebody_accepts_it(owner):
    behind_the_triggers(owner, "update own.acct set v = 999999 where id = 1")
    owner.execute("alter table own.acct alter v type text")
    found(owner)
    for is_full in (False, True):
        rows = found(owner, is_full)
        assert ("row_differs", "own.acct", "1", "P1") in rows
    accept(owner)
    assert open_incidents(owner) == {"audit_log": "P1"}
    as_superuser(
        owner,
        "select accept_findings(array(select audit_finding_id from open_findings), %s, %s)",
        [BY, WHY],
    )
    assert open_incidents(owner) == {}
    assert found(owner) == []


@pytest.mark.parametrize(
    "ddl",
    [
        "alter table own.acct alter v type text",
        "alter table own.acct alter v type numeric(9, 2)",
        "alter table own.acct rename v to amount",
        "alter table own.acct rename id to number",
        "alter table own.acct drop column note",
    ],
)
def test_honest_ddl_leaves_a_baseline_to_accept_and_nothing_else(owner, ddl):
    owner.execute(ddl)
    assert found(owner) == [("baseline_taken", "own.acct", None, "P3")]
    assert open_incidents(owner) == {"baselines": "P3"}
    accept(owner)
    assert open_incidents(owner) == {}
    assert found(owner) == []


@pytest.mark.parametrize(
    "ddl",
    [
        "alter table own.acct set unlogged",
        "alter table own.acct alter v type bigint",
        "alter table own.acct add constraint positive check (v > 0)",
        "alter table own.acct add colour text",
        "create index on own.acct (v)",
    ],
)
def test_ddl_that_changes_no_row_asks_for_nothing(owner, ddl):
    owner.execute(ddl)
    assert found(owner) == []


def test_values_that_ddl_itself_changed_are_counted_for_the_person_who_accepts(owner):
    owner.execute("alter table own.acct alter note type text using upper(note)")
    assert found(owner) == [("baseline_taken", "own.acct", None, "P2")]
    [(actual,)] = as_superuser(owner, "select actual from open_findings")
    assert "ALTER TABLE by table_owner" in actual
    assert "6 read otherwise in note" in actual


def test_rows_that_ddl_changed_among_others_are_named(owner):
    owner.execute("alter table own.acct alter note type text using case id when 4 then 'x' end")
    owner.execute("alter table own.acct alter v type bigint using case id when 4 then 1 else v end")
    rows = found(owner)
    assert ("baseline_taken", "own.acct", None, "P2") in rows
    assert "P1" not in {row[3] for row in rows}
    accept(owner)
    owner.execute(
        "alter table own.acct alter v type text using case id when 3 then '0' else v::text end"
    )
    assert ("row_differs", "own.acct", "3", "P2") in found(owner)


def test_one_call_accepts_all_tables_of_a_migration(owner):
    owner.execute("create table own.other (id integer primary key, v integer)")
    as_superuser(owner, "select audit_table('own.other')")
    owner.execute("insert into own.other values (1, 1)")
    for table in ("acct", "other"):
        owner.execute(f"alter table own.{table} alter v type text")
    assert len(found(owner)) == 2
    as_superuser(owner, "select accept_baselines(%s, %s)", [BY, WHY])
    assert open_incidents(owner) == {}


def test_a_large_table_is_not_compared_and_the_finding_says_so(owner):
    as_superuser(owner, "select change_setting('audit_compare_rows_max', '1')")
    as_superuser(owner, "analyze own.acct")
    owner.execute("alter table own.acct alter v type text")
    assert found(owner) == [("baseline_taken", "own.acct", None, "P2")]
    [(actual,)] = as_superuser(owner, "select actual from open_findings")
    assert "not compared with the log" in actual


def test_a_person_who_takes_a_baseline_may_accept_it_in_the_same_call(owner):
    behind_the_triggers(owner, "update own.acct set v = 7 where id = 1")
    found(owner)
    as_superuser(owner, "select rebase_audit('own.acct', 'rows', %s, %s)", [BY, WHY])
    assert found(owner) == []
    [(count,)] = as_superuser(
        owner, "select count(*) from audit_findings where accepted_by = %s", [BY]
    )
    assert count >= 3


def test_a_baseline_without_a_name_leaves_the_differences_open(owner):
    behind_the_triggers(owner, "update own.acct set v = 7 where id = 1")
    as_superuser(owner, "select rebase_audit('own.acct')")
    kinds = {row[0] for row in found(owner)}
    assert kinds == {"row_differs", "baseline_taken", "trigger_was_changed"}


@pytest.mark.parametrize(
    "change",
    [
        "alter table own.acct disable trigger plumb_audit_update;"
        " alter table own.acct enable trigger plumb_audit_update",
        "alter table own.acct enable replica trigger plumb_audit_delete;"
        " alter table own.acct enable trigger plumb_audit_delete",
        "alter trigger plumb_audit_insert on own.acct rename to mine;"
        " alter trigger mine on own.acct rename to plumb_audit_insert",
        "alter table own.acct enable always trigger plumb_audit_row;"
        " alter table own.acct enable replica trigger plumb_audit_row",
    ],
)
def test_a_trigger_that_was_off_for_a_moment_is_to_be_accepted(owner, change):
    for statement in change.split(";"):
        owner.execute(statement)
    assert found(owner, False) == [("trigger_was_changed", "own.acct", None, "P2")]
    accept(owner)
    assert open_incidents(owner) == {}


def test_an_accepted_event_that_happens_again_is_a_new_one(owner):
    for _ in range(2):
        behind_the_triggers(owner, "select 1")
        assert found(owner, False) == [("trigger_was_changed", "own.acct", None, "P2")]
        accept(owner)


def test_a_dropped_trigger_is_to_be_accepted_even_when_it_is_back(owner):
    owner.execute("drop trigger plumb_audit_update on own.acct")
    as_superuser(owner, "select audit_table('own.acct')")
    assert found(owner, False) == [("trigger_was_changed", "own.acct", None, "P2")]


def test_an_edit_while_triggers_were_off_is_found_by_the_next_look(owner):
    behind_the_triggers(owner, "update own.acct set v = 7 where id = 1")
    assert ("row_differs", "own.acct", "1", "P1") in found(owner, False)


def test_a_dropped_table_is_an_incident_until_a_person_says_so(owner):
    owner.execute("drop table own.acct")
    assert found(owner, False) == [("table_dropped", "own.acct", None, "P2")]
    assert open_incidents(owner) == {"baselines": "P2"}
    accept(owner)
    assert open_incidents(owner) == {}
    assert found(owner) == []


@pytest.mark.parametrize("is_one_transaction", [True, False])
def test_a_table_made_anew_is_audited_again(owner, is_one_transaction):
    as_superuser(owner, "select audit_table('own.acct', '{note}')")
    statements = (
        "drop table own.acct",
        "create table own.acct (id integer primary key, v integer, note text)",
        "insert into own.acct values (1, 1, 'left out')",
    )
    if is_one_transaction:
        with owner.transaction():
            for statement in statements:
                owner.execute(statement)
    else:
        for statement in statements:
            owner.execute(statement)
    assert {row[0] for row in found(owner)} == {"table_dropped", "table_replaced"}
    [(logged,)] = as_superuser(
        owner,
        "select new_row from audit_log where relation = 'own.acct' and op = 'INSERT'"
        " order by occurred_at desc, n desc limit 1",
    )
    assert logged == {"id": 1, "v": 1}
    accept(owner)
    assert open_incidents(owner) == {}


@pytest.mark.parametrize(
    "swap",
    [
        "drop table own.acct; alter table own.acct2 rename to acct",
        "alter table own.acct rename to old; alter table own.acct2 rename to acct",
        "drop table own.acct; create schema side; alter table own.acct2 set schema side;"
        " alter table side.acct2 rename to acct; alter table side.acct set schema own",
    ],
)
def test_a_table_put_in_the_place_of_an_audited_one_is_audited(owner, swap):
    owner.execute("create table own.acct2 (id integer primary key, v integer, note text)")
    owner.execute("insert into own.acct2 values (1, 777, 'other')")
    as_superuser(owner, f"grant create on database {owner.info.dbname} to table_owner")
    for statement in swap.split(";"):
        owner.execute(statement)
    owner.execute("update own.acct set v = 778")
    rows = found(owner)
    assert ("table_replaced", "own.acct", None, "P2") in rows
    [(count,)] = as_superuser(
        owner,
        "select count(*) from audit_log where relation = 'own.acct' and op = 'UPDATE'"
        " and new_row ->> 'v' = '778'",
    )
    assert count == 1
    as_superuser(owner, "drop schema if exists side")


def test_a_table_that_loses_its_triggers_is_followed_by_its_identity(owner):
    for name in ("row", "truncate"):
        owner.execute(f"drop trigger plumb_audit_{name} on own.acct")
    owner.execute("alter table own.acct rename to moved")
    rows = found(owner, False)
    assert ("trigger_was_changed", "own.acct", None, "P2") in rows
    assert ("trigger_missing", "own.moved", None, "P1") in rows


DEPENDENTS = {
    "enum": ("create type own.e as enum ('low', 'mid')", "own.e", "'low'"),
    "range": ("create type own.r as range (subtype = own.e)", "own.r", "'[low,mid]'"),
    "multirange": ("", "own.r_multirange", "'{[low,mid]}'"),
    "array": ("", "own.e[]", "'{low}'"),
    "domain": ("create domain own.d as own.e", "own.d", "'low'"),
    "domain over array": ("create domain own.da as own.e[]", "own.da", "'{low}'"),
    "composite": ("create type own.c as (e own.e, n integer)", "own.c", "'(low,1)'"),
    "array of composite": ("", "own.c[]", "array['(low,1)'::own.c]"),
    "range of domain": ("create type own.rd as range (subtype = own.d)", "own.rd", "'[low,mid]'"),
    "row of a table": ("create table own.t (e own.e)", "own.t", "'(low)'"),
    "row of a part": (
        "create table own.tp (e own.e) partition by list (e);"
        "create table own.tp_1 partition of own.tp default",
        "own.tp_1",
        "'(low)'",
    ),
    "row of a typed table": ("create table own.tt of own.c", "own.tt", "'(low,1)'"),
    "row of a view": ("create view own.w as select e from own.t", "own.w", "'(low)'"),
}


@pytest.mark.parametrize(
    "change",
    [
        "alter type own.e rename value 'low' to 'lowest'",
        "alter type own.c rename attribute e to level cascade",
        "alter table own.t rename column e to level",
        "alter table own.tp rename column e to level",
        "alter view own.w rename column e to level",
    ],
)
def test_honest_work_on_types_is_no_urgent_finding(owner, change):
    for definition, _type, _value in DEPENDENTS.values():
        if definition:
            owner.execute(definition)
    columns = ", ".join(f'"{n}" {t}' for n, (_d, t, _v) in DEPENDENTS.items())
    values = ", ".join(v for _d, _t, v in DEPENDENTS.values())
    owner.execute(f"create table own.many (id integer primary key, {columns})")
    as_superuser(owner, "select audit_table('own.many')")
    owner.execute(f"insert into own.many values (1, {values})")
    assert found(owner) == []
    owner.execute(change)
    assert [row[::3] for row in found(owner)] == [("baseline_taken", "P2")]
    owner.execute("update own.many set id = 2")
    accept(owner, "own.many")
    assert found(owner) == []


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_baseline_with_an_old_snapshot_is_refused(owner, connect, level):
    owner.execute("create table own.rr (id integer primary key)")
    owner.execute("reset session authorization")
    other = connect()
    refusal = pytest.raises(psycopg.Error, match=f"cannot be taken in a {level} transaction")
    with refusal, owner.transaction():
        owner.execute(f"set transaction isolation level {level}")
        owner.execute("select 1 from own.rr")
        other.execute("insert into own.rr values (1)")
        owner.execute("select audit_table('own.rr')")
    owner.execute("set session authorization table_owner")


def test_no_foreign_table_becomes_part_of_an_audited_one(owner):
    owner.execute("reset session authorization")
    owner.execute("create foreign data wrapper nothing")
    owner.execute("create server nowhere foreign data wrapper nothing")
    owner.execute("create table app.n (v integer) partition by list (v)")
    owner.execute("select audit_table('app.n')")
    with pytest.raises(psycopg.Error, match="cannot be a partition of an audited table"):
        owner.execute(
            "create foreign table app.n_1 partition of app.n for values in (1) server nowhere"
        )
    owner.execute("create foreign table app.n_1 (v integer) server nowhere")
    with pytest.raises(psycopg.Error, match="cannot be a partition of an audited table"):
        owner.execute("alter table app.n attach partition app.n_1 for values in (1)")
    owner.execute("set session authorization table_owner")


def test_a_restored_copy_takes_its_tables_for_what_they_are(owner):
    as_superuser(
        owner, "update audited_tables set relid = relid::bigint + 1, relid_origin = 'other/1'"
    )
    owner.execute("alter table own.acct add colour text")
    assert found(owner) == []
    assert as_superuser(
        owner, "select relid = 'own.acct'::regclass from audited_tables where relation = 'own.acct'"
    ) == [(True,)]
