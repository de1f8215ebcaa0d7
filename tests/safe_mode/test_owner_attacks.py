"""Whoever owns a guarded table changes neither its rows nor its guard while safe mode is on."""

from pathlib import Path

import psycopg
import pytest
from hostile_defaults import set_all
from owned_tables import ROWS, missing
from psycopg import errors

ROOT = Path(__file__).parents[2]
# Each is a way to a write or to the loss of a guard; its first command must be refused.
ATTACKS = {
    "rename the guard": "alter trigger plumb_safe_mode on own.item rename to zz",
    "drop the guard": "drop trigger plumb_safe_mode on own.item",
    "replace the guard": "create or replace trigger plumb_safe_mode before insert on own.item"
    " for each statement execute function own.noop()",
    "replace the guard by one with a condition": "create or replace trigger plumb_safe_mode"
    " before insert or update or delete or truncate on free.lone for each statement"
    " when (false) execute function own.noop()",
    "disable the guard": "alter table own.item disable trigger plumb_safe_mode",
    "disable a guard elsewhere": "alter table free.lone disable trigger plumb_safe_mode",
    "disable every trigger": "alter table free.lone disable trigger all",
    "disable triggers of the user": "alter table free.lone disable trigger user",
    "enable the guard only for origin": "alter table free.lone enable trigger plumb_safe_mode",
    "enable the guard only for replicas": "alter table free.lone enable replica trigger"
    " plumb_safe_mode",
    "make the guard depend on an extension": "alter trigger plumb_safe_mode on own.item"
    " depends on extension plpgsql",
    "drop another trigger": "drop trigger anything on own.item",
    "add a trigger": "create trigger aa before insert on own.item for each row"
    " execute function own.noop()",
    "rename another trigger": "alter trigger anything on own.item rename to bb",
    "divert writes by a rule": "create rule away as on insert to own.item do instead"
    " insert into free.plain values (1, 'x')",
    "make it a view by a rule": 'create rule "_RETURN" as on select to own.base do instead'
    " select 1 as id, 'x'::text as v",
    "hide rows by row security": "alter table own.item enable row level security",
    "change a policy": "alter policy mine on own.item using (false)",
    "drop a policy": "drop policy mine on own.item",
    "detach a partition": "alter table own.part detach partition own.part1",
    "attach a filled table": "alter table own.part attach partition free.ready for values in (3)",
    "attach a foreign table": "create foreign table free.f partition of own.part"
    " for values in (4) server nowhere",
    "bring in a foreign table": "create foreign table own.f (id integer) server nowhere",
    "leave the parent": "alter table free.child no inherit own.base",
    "join the parent": "alter table free.ready inherit own.base",
    "move out of the schema": "alter table own.item set schema free",
    "move a filled table in": "alter table free.ready set schema own",
    "move the explicitly guarded": "alter table free.lone set schema own",
    "rename": "alter table own.item rename to other_item",
    "rename the explicitly guarded": "alter table free.lone rename to away",
    "rename a column": "alter table own.item rename column v to w",
    "rename a constraint": "alter table own.item rename constraint item_pkey to pk",
    "rename the schema": "alter schema own rename to gone",
    "rename a schema that holds one": "alter schema free rename to gone",
    "give the schema away": "alter schema own owner to mallory",
    "drop the schema": "drop schema own cascade",
    "drop the other schema": "drop schema free cascade",
    "drop": "drop table own.item cascade",
    "drop the explicitly guarded": "drop table free.lone cascade",
    "drop all at once": "drop table free.ready, own.part",
    "drop a partition": "drop table own.part1",
    "drop what is owned": "drop owned by mallory",
    "drop a column": "alter table own.item drop column code",
    "drop a column by its type": "drop type own.mood cascade",
    "drop a column by its domain": "drop domain own.code cascade",
    "drop a column by its row type": "drop table free.shape cascade",
    "drop a default": "alter table own.item alter column code drop default",
    "drop the primary key": "alter table own.item drop constraint item_pkey",
    "add a column": "alter table own.item add column forged text default 'x'",
    "add a constraint": "alter table own.item add check (true) not valid",
    "change a type": "alter table own.base alter column v type varchar(20) using 'FORGED'",
    "set a sequence back by DDL": "alter sequence own.item_id_seq restart with 1",
    "set a serial back by DDL": "alter sequence own.item_n_seq restart with 1",
    "set an identity back": "alter table own.item alter id restart with 1",
    "own the sequence no more": "alter sequence own.item_n_seq owned by none",
    "drop a sequence": "drop sequence own.item_n_seq cascade",
    "rename a value of an enum": "alter type own.mood rename value 'calm' to 'forged'",
    "add a value to an enum": "alter type own.mood add value 'glad'",
    "change the enum's schema": "alter type own.mood set schema free",
    "rename an attribute": "alter type own.place rename attribute street to s cascade",
    "drop an attribute": "alter type own.place drop attribute street cascade",
    "change an attribute": "alter type own.place add attribute z text cascade",
    "change a domain": "alter domain own.code set default 'y'",
    "constrain a domain": "alter domain own.label add check (value <> 'zzz')",
    "rename a domain": "alter domain own.code rename to code2",
    "drop a column of a row type": "alter table free.shape drop column town",
    "add a column to a row type": "alter table free.shape add column z text",
    "rename a column of a row type": "alter table free.shape rename column town to s",
    "make unlogged": "alter table own.base set unlogged",
    "type a table": "alter table free.lone of own.pair",
    "untype a table": "alter table own.typed not of",
    "fill by a query": "create table own.forged as select 'x'::text as v",
    "fill by select into": "select 'x'::text as v into own.forged",
    "a view of rows": "create materialized view own.forged as select 1 as one",
    "refresh a view of rows": "refresh materialized view own.kept",
    "drop a view of rows": "drop materialized view own.kept",
    "move rows in with a view": "alter materialized view own.kept rename to kept2",
    "inherit from it with rows": "create table free.heir (z integer) inherits (own.base);"
    " insert into free.heir values (9, 'forged')",
    "a new partition with rows": "create table free.heir partition of own.part for values in (9);"
    " insert into free.heir values (9, 'forged')",
    "a new table with rows": "create table own.fresh (v text); insert into own.fresh values ('x')",
    "write through a view": "update own.look set v = 'forged'",
    "write to a partition": "update own.part1 set v = 'forged'",
    "write to an heir": "update free.child set v = 'forged'",
    "write by a cascade": "truncate free.lone cascade",
    "copy": "copy own.base from program 'true'",
    "several commands, one of them bad": "create table free.fine (id integer);"
    " alter trigger plumb_safe_mode on own.item rename to zz",
    "from within a block": "do $$ begin execute 'alter table own.item disable trigger all'; end $$",
    "with the permit of nobody": "select plumb.permit_guarded_ddl()",
    "by writing a permit": "insert into plumb.guarded_ddl_permits values (pg_current_xact_id())",
    "by unguarding": "select plumb.unguard_table('own.item')",
    "by lowering the flag": "select setval('plumb.safe_mode_flag', 0)",
    "by the mode": "update plumb.system_mode set mode = 'normal'",
    "as another role": "set session_replication_role = replica",
}

HARMLESS = [
    "create index on own.item (code)",
    "reindex table own.item",
    "drop index own.item_v",
    "analyze own.item",
    "comment on table own.item is 'looked at'",
    "grant select on own.item to public",
    "revoke select on own.item from public",
    "create statistics free.s on id, v from own.item",
    "create table own.empty (id integer primary key, v text)",
    "create table own.empty_refers (id integer references own.item)",
    "create table free.empty_part partition of own.part for values in (5)",
    "create view free.seen as select * from own.item",
    "drop view own.look",
    "create table free.notes (id serial, mood own.mood)",
    "insert into free.notes (mood) values ('calm')",
    "alter table free.notes add column w text",
    "drop table free.notes",
    "drop table free.refers",
    "create type free.feeling as enum ('good')",
    "alter type free.feeling add value 'bad'",
    "create temp table scratch as select 1 as id; drop table scratch",
    "create temp table heir () inherits (own.base)",
    "create function own.f() returns integer language sql as 'select 1'",
    "drop function own.f()",
    "refresh materialized view free.kept",
]


def test_no_attack_changes_a_row_or_a_guard(owned, mallory):
    before = owned.execute(ROWS).fetchone()
    passed = []
    others = {}
    for name, commands in ATTACKS.items():
        try:
            mallory.execute(commands)
            passed.append(name)
        except errors.ReadOnlySqlTransaction as error:
            assert "safe mode is on" in str(error)
        except psycopg.Error as error:
            others[name] = str(error).partition("\n")[0]
        assert owned.execute(ROWS).fetchone() == before, name
        assert missing(owned) == [], name

    assert passed == []
    # These are refused for another reason: the role has no right to.
    assert set(others) <= {
        "copy",
        "give the schema away",
        "with the permit of nobody",
        "by writing a permit",
        "by unguarding",
        "by lowering the flag",
        "by the mode",
        "as another role",
        "make the guard depend on an extension",
        "make it a view by a rule",
        # It has internal triggers.
        "disable every trigger",
    }, others


def test_no_setting_of_a_session_opens_it(owned, mallory):
    before = owned.execute(ROWS).fetchone()
    set_all(mallory)
    for name in list(ATTACKS)[::4]:
        with pytest.raises(psycopg.Error):
            mallory.execute(ATTACKS[name])
    assert owned.execute(ROWS).fetchone() == before
    assert missing(owned) == []


def test_the_superuser_is_refused_the_same(owned, mallory):
    before = owned.execute(ROWS).fetchone()
    for name in list(ATTACKS)[:70]:
        with pytest.raises(psycopg.Error):
            owned.execute(ATTACKS[name])
        assert owned.execute(ROWS).fetchone() == before, name


def test_a_partition_is_not_detached_concurrently(owned, mallory):
    for command in (
        "alter table own.part detach partition own.part1 concurrently",
        "ALTER/**/TABLE own.part DeTaCh\npartition own.part1 /* */ CONCURRENTLY",
    ):
        with pytest.raises(errors.ReadOnlySqlTransaction):
            mallory.execute(command)
        assert owned.execute("select count(*) from own.part").fetchone() == (2,)
        assert owned.execute("select bool_or(inhdetachpending) from pg_inherits").fetchone() == (
            False,
        )


def test_what_changes_no_row_and_no_guard_works(owned, mallory):
    for command in HARMLESS:
        mallory.execute(command)
    assert missing(owned) == []
    for table in ("own.empty", "own.empty_refers", "free.empty_part"):
        with pytest.raises(errors.ReadOnlySqlTransaction):
            mallory.execute(f"insert into {table} (id) values (5)")


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_ddl_with_an_older_snapshot_is_refused(owned, connect, level):
    session = connect(role="mallory", autocommit=False)
    session.execute(f"set transaction isolation level {level}")
    session.execute("select count(*) from own.item")
    owned.execute("select plumb.engage_safe_mode('a test', 'ops')")
    with pytest.raises(errors.ReadOnlySqlTransaction):
        session.execute("alter table own.item add column w text")


def test_what_has_no_hook_is_listed_and_changes_no_row(owned, mallory):
    """PostgreSQL calls no trigger for these: docs/safe-mode.md says so, one by one."""
    limits = (ROOT / "docs" / "safe-mode.md").read_text().partition("## Limits")[2]
    before = owned.execute(ROWS).fetchone()
    for command, word in {
        "select nextval('own.item_n_seq'), setval('own.item_n_seq', 900)": "`setval()`",
        "select lo_put(lo_create(0), 0, 'x')": "`lo_put()`",
        "create or replace view own.look as select 1 as id, 'x'::text as v": "VIEW`",
        "reassign owned by mallory to mallory": "`REASSIGN OWNED`",
        "explain analyze create table free.made as select 1 as one": "`EXPLAIN ANALYZE",
    }.items():
        mallory.execute(command)
        assert word in limits.partition("## ")[0], command
        assert owned.execute(ROWS).fetchone() == before, command
    assert missing(owned) == []
