"""Whoever owns a guarded table changes neither its rows nor its guard while safe mode is on."""

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

SETUP = """
create role mallory;
grant create on database {database} to mallory;
create schema own authorization mallory;
create schema free authorization mallory;
grant usage on schema plumb to mallory;
grant usage on language plpgsql to mallory;
create foreign data wrapper nothing;
create server nowhere foreign data wrapper nothing;
grant usage on foreign server nowhere to mallory;
set role mallory;
create type own.mood as enum ('calm', 'cross');
create domain own.code as text;
create domain own.label as text;
create type own.pair as (id integer, v text);
create type own.place as (street text, town text);
create type free.span as range (subtype = own.code);
create table free.shape (street text, town text);
create function own.noop() returns trigger language plpgsql as $$ begin return null; end $$;
create function own.plain() returns integer language sql immutable as 'select 1';
create table own.item (
    id integer generated always as identity primary key,
    v text not null,
    mood own.mood default 'calm',
    code own.code default 'x',
    label own.label default 'x',
    codes own.code[] default '{x}',
    place own.place default row('a', 'b'),
    shape free.shape default row('a', 'b'),
    n serial
);
create table own.typed of own.place;
create table own.part (id integer, v text) partition by list (id);
create table own.part1 partition of own.part for values in (1);
create table own.other partition of own.part for values in (2);
create table own.base (id integer, v text);
create table free.lone (id integer primary key, v text);
create table free.plain (id integer, v text);
create table free.ready (id integer, v text);
create table free.child (id integer, v text) inherits (own.base);
create table free.refers (id integer references free.lone on delete cascade);
create view own.look as select id, v from own.item;
create materialized view own.kept as select id, v from free.plain;
insert into own.item (v) values ('a'), ('b');
insert into own.typed values ('a', 'b');
insert into own.part values (1, 'a'), (2, 'b');
insert into own.base values (1, 'a');
insert into free.child values (2, 'b');
insert into free.lone values (1, 'a');
insert into free.ready values (3, 'forged');
create index item_v on own.item (v);
create policy mine on own.item using (true);
create trigger anything before insert on own.item for each row execute function own.noop();
reset role;
select plumb.change_setting('guarded_schemas', 'retail, own');
select plumb.guard_table('free.lone');
"""
ROWS = """
select jsonb_build_object(
    'item', (select jsonb_agg(to_jsonb(i) order by i.v) from own.item as i),
    'typed', (select jsonb_agg(to_jsonb(i)) from own.typed as i),
    'part', (select jsonb_agg(to_jsonb(i) order by i.v) from own.part as i),
    'base', (select jsonb_agg(to_jsonb(i) order by i.v) from own.base as i),
    'kept', (select jsonb_agg(to_jsonb(i)) from own.kept as i),
    'lone', (select jsonb_agg(to_jsonb(i)) from free.lone as i)
)::text
"""
GUARD = "execute function plumb.tg_refuse_in_safe_mode()"

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


@pytest.fixture
def owned(db: psycopg.Connection):
    """Yield the superuser's session on a database in which mallory owns guarded tables."""
    db.execute(SETUP.replace("{database}", db.info.dbname))
    db.execute("create materialized view free.kept as select 1 as one")
    db.execute("alter materialized view free.kept owner to mallory")
    yield db
    db.execute("reset role")
    db.execute("update plumb.system_mode set mode = 'normal'")
    db.execute("drop owned by mallory cascade; drop role mallory")


@pytest.fixture
def mallory(owned, connect):
    """Return a session of mallory, while safe mode is on."""
    session = connect(role="mallory")
    owned.execute("select plumb.engage_safe_mode('a test', 'ops')")
    return session


def missing(db):
    return [name for (name,) in db.execute("select plumb.missing_guards()").fetchall()]


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


DAMAGES = {
    "renamed": "alter trigger plumb_safe_mode on {} rename to zz",
    "renamed like a foreign key's": "alter trigger plumb_safe_mode on {}"
    ' rename to "RI_ConstraintTrigger_x"',
    "dropped": "drop trigger plumb_safe_mode on {}",
    "of another function": "create or replace trigger plumb_safe_mode"
    " before insert or update or delete or truncate on {} for each statement"
    " execute function own.noop(); alter table {} enable always trigger plumb_safe_mode",
    "fewer events": "drop trigger plumb_safe_mode on {}; create trigger plumb_safe_mode"
    " before insert on {} for each statement execute function own.noop()",
    "a clone of a row trigger": "drop trigger plumb_safe_mode on {}; create trigger plumb_safe_mode"
    " before insert on {} for each row execute function own.noop()",
    "a constraint trigger": "drop trigger plumb_safe_mode on {}; create constraint trigger"
    " plumb_safe_mode after insert on {} for each row execute function own.noop()",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("table", ["free.lone", "own.item", "own.part"])
def test_a_damaged_guard_is_reported_at_once_and_mended(owned, connect, damage, table):
    if table == "own.part" and "constraint" in damage:
        pytest.skip("not on a partitioned table")
    session = connect(role="mallory")
    if table == "own.part":
        # A row trigger of this name comes to the partitions as well.
        session.execute("drop trigger plumb_safe_mode on own.part1")
        session.execute("drop trigger plumb_safe_mode on own.other")
    for command in DAMAGES[damage].replace("{}", table).split(";"):
        session.execute(command)

    look = "select obeys_safe_mode from plumb.guarded where relation = %s"
    is_mended = owned.execute(look, [table]).fetchone()[0]
    if not is_mended:
        assert f"guard of {table}" in missing(owned)
        owned.execute("select plumb.run_perf()")
        assert owned.execute(
            "select priority from plumb.open_incidents where scope = 'disabled_triggers'"
        ).fetchone() == ("P1",)
        # Also while safe mode is on.
        owned.execute("select plumb.engage_safe_mode('a test', 'ops')")
        owned.execute("select plumb.guard_table(%s::regclass)", [table])
    else:
        owned.execute("select plumb.engage_safe_mode('a test', 'ops')")

    assert missing(owned) == []
    assert owned.execute(look, [table]).fetchone() == (True,)
    with pytest.raises(errors.ReadOnlySqlTransaction):
        session.execute(f"delete from {table}")
    owned.execute("select plumb.run_perf()")
    assert (
        owned.execute(
            "select 1 from plumb.open_incidents where scope = 'disabled_triggers'"
        ).fetchall()
        == []
    )


@pytest.mark.parametrize(
    "function", ["plumb.tg_refuse_in_safe_mode()", "plumb.is_safe_mode()", "plumb.has_guard(oid)"]
)
def test_our_functions_are_not_changed_in_safe_mode(owned, mallory, function):
    for command in ("owner to mallory", "security invoker", "rename to other"):
        with pytest.raises(psycopg.Error):
            owned.execute(f"alter function {function} {command}")
    assert missing(owned) == []


def test_a_dropped_event_trigger_of_ours_is_reported(owned):
    owned.execute("drop event trigger plumb_refuse_ddl")

    assert missing(owned) == ["event trigger plumb_refuse_ddl"]


FOLLOWED = {
    "renamed": ("alter table free.lone rename to lone2", "free.lone2"),
    "moved": ("alter table free.lone set schema public", "public.lone"),
    "schema renamed": ("alter schema free rename to freed", "freed.lone"),
    "dropped and created anew": (
        "drop table free.lone cascade; create table free.lone (id integer, v text)",
        "free.lone",
    ),
    "dropped and renamed into place": (
        "create table free.new (id integer, v text); drop table free.lone cascade;"
        " alter table free.new rename to lone",
        "free.lone",
    ),
    "swapped in one transaction": (
        "begin; drop table free.lone cascade; create table free.lone (id integer, v text);"
        " insert into free.lone values (1); commit",
        "free.lone",
    ),
    "moved away, created anew": (
        "drop schema free cascade; create schema free create table lone (id integer, v text)",
        "free.lone",
    ),
}


@pytest.mark.parametrize("case", FOLLOWED)
def test_a_guarded_table_is_followed(owned, case):
    commands, name = FOLLOWED[case]
    owned.execute("drop materialized view free.kept; grant all on schema public to mallory")
    for command in commands.split(";"):
        owned.execute(command)

    assert owned.execute(
        "select relation, relation_id = to_regclass(relation) from plumb.guarded_tables"
        " where is_explicit"
    ).fetchall() == [(name, True)]
    owned.execute("select plumb.engage_safe_mode('a test', 'ops')")
    for attack in (f"update {name} set v = 'x'", f"alter table {name} drop column v"):
        with pytest.raises(errors.ReadOnlySqlTransaction):
            owned.execute(attack)


def test_a_restored_copy_finds_its_tables_by_name(owned):
    owned.execute("update plumb.guarded_tables set relation_id = relation_id::bigint + 1")

    owned.execute("select plumb.run_health()")

    assert owned.execute(
        "select bool_and(relation_id = to_regclass(relation)) from plumb.guarded_tables"
    ).fetchone() == (True,)
    assert missing(owned) == []


def test_a_parent_that_comes_later_is_guarded_too(owned):
    owned.execute("create table public.top (id integer, v text) partition by list (id)")
    owned.execute("alter table public.top attach partition free.lone for values in (1)")
    owned.execute("select plumb.engage_safe_mode('a test', 'ops')")

    with pytest.raises(errors.ReadOnlySqlTransaction):
        owned.execute("delete from public.top")


def test_a_foreign_partition_is_guarded(owned):
    owned.execute(
        "create foreign table free.far partition of own.part for values in (4) server nowhere"
    )

    assert missing(owned) == []
    assert owned.execute(
        "select obeys_safe_mode from plumb.guarded where relation = 'free.far'"
    ).fetchone() == (True,)


def test_a_migration_works_while_safe_mode_is_on(owned, mallory):
    from plumbline.core.migrate import migrate

    info = owned.info
    url = make_conninfo(host=info.host, port=info.port, user=info.user, dbname=info.dbname)
    migrate(url, report=lambda _line: None)

    assert owned.execute("select count(*) from plumb.guarded_ddl_permits").fetchone() == (0,)
    with pytest.raises(errors.ReadOnlySqlTransaction):
        mallory.execute(sql.SQL("alter table own.item disable trigger all"))
