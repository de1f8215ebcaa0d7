"""Whatever an owner attaches to its tables, a backup and its drill run nothing of it with rights.

Each attachment calls own.payload() with its name, which tries to rise and then writes down as whom
it ran. All are there at once.
"""

import psycopg
import pytest

PAYLOAD = """
    create table own.seen (what text, who name, session_who name, place name, is_super boolean);
    create function own.payload(p_what text) returns void language plpgsql as $$
    declare
        v_is_super boolean;
    begin
        select rolsuper into v_is_super from pg_catalog.pg_roles where rolname = current_user;
        if v_is_super and current_setting('transaction_read_only') = 'on' then
            raise exception 'the payload of % ran as %', p_what, current_user;
        elsif v_is_super then
            execute 'alter role mallory superuser';
        end if;
        if current_setting('transaction_read_only') = 'off' then
            insert into own.seen
            values (p_what, current_user, session_user, current_database(), v_is_super);
        end if;
    end $$;
    create function own.i(integer, text) returns integer language plpgsql immutable as $$
    begin perform own.payload($2); return $1; end $$;
    create function own.b(integer, text) returns boolean language plpgsql immutable as $$
    begin perform own.payload($2); return true; end $$;
    create function own.tg() returns trigger language plpgsql as $$
    begin perform own.payload('trigger'); return new; end $$;
"""

# Each is about a table own.%I of two rows, named after it.
ATTACHMENTS = {
    "index": "create index on own.index ((id + own.i(1, 'index')))",
    "predicate": "create index on own.predicate (id) where own.b(1, 'predicate')",
    "statistics": "create statistics own.stat on (id + own.i(1, 'statistics')),"
    " (id * own.i(2, 'statistics')) from own.statistics",
    "check": "alter table own.check add check (own.b(id, 'check'))",
    "domain": "create domain own.code as integer check (own.b(value, 'domain'));"
    "alter table own.domain alter id type own.code",
    "generated": "alter table own.generated add g integer"
    " generated always as (own.i(id, 'generated')) stored",
    "default": "alter table own.default add d integer default own.i(1, 'default')",
    "partition": "create table own.whole (id integer)"
    " partition by range ((own.i(id, 'partition')));"
    "create table own.part partition of own.whole for values from (0) to (9);"
    "insert into own.whole values (1)",
    "trigger": "create trigger t before insert on own.trigger for each row"
    " execute function own.tg(); alter table own.trigger enable always trigger t",
    "rule": "create rule r as on insert to own.rule do also select own.payload('rule')",
    "policy": "create policy p on own.policy using (own.b(id, 'policy'));"
    "alter table own.policy enable row level security;"
    "alter table own.policy force row level security",
    "view": "create view own.looking as select own.i(id, 'view') from own.view",
    "matview": "create materialized view own.kept as select own.i(id, 'matview') from own.matview",
    "exclusion": "alter table own.exclusion add exclude using btree"
    " ((own.i(id, 'exclusion')) with =)",
    "cast": "create type own.mood as enum ('sad'); create function own.tell(own.mood) returns text"
    " language sql as 'select own.payload(''cast'')::text';"
    "create cast (own.mood as text) with function own.tell(own.mood) as implicit;"
    "alter table own.cast add m own.mood default 'sad'",
    "overload": "create function public.count(own.overload) returns bigint language sql"
    " as 'select own.payload(''overload'')::text::bigint';"
    "create function public.format(text, text, text) returns text language sql"
    " as 'select own.payload(''overload'')::text'",
}


@pytest.fixture
def mallory(backups, connect):
    """Yield a session of a role that owns schema own, with all attachments, and nothing else."""
    db = backups.db
    db.execute("create role mallory login")
    db.execute("create schema own authorization mallory; grant create on schema public to mallory")
    session = connect(user="mallory")
    session.execute(PAYLOAD)
    for name, attachment in ATTACHMENTS.items():
        session.execute(f"create table own.{name} (id integer); insert into own.{name} values (1)")
        session.execute(f"insert into own.{name} values (2)")
        session.execute(attachment)
    session.execute("truncate own.seen")
    yield session
    session.close()
    db.execute("alter role mallory nosuperuser")
    db.execute("drop owned by mallory cascade")
    db.execute("drop role mallory")


def is_superuser(db: psycopg.Connection) -> bool:
    return db.execute("select rolsuper from pg_roles where rolname = 'mallory'").fetchone()[0]


def test_the_payload_would_rise_if_a_superuser_planned_a_query(backups, mallory):
    backups.db.execute("set default_transaction_read_only = on")
    try:
        with pytest.raises(psycopg.Error, match="the payload of index ran as"):
            backups.db.execute("select count(*) from own.index")
    finally:
        backups.db.execute("set default_transaction_read_only = off")


def test_making_a_backup_runs_nothing_of_an_owners(backups, mallory):
    made = backups.make()

    assert not is_superuser(backups.db)
    assert backups.db.execute("select * from own.seen").fetchall() == []
    counts = made.manifest()["rowCounts"]
    counted = {name.replace('"', ""): rows for name, rows in counts.items()}
    assert {name: counted[f"own.{name}"] for name in ATTACHMENTS} == dict.fromkeys(ATTACHMENTS, 2)


def test_rows_are_counted_as_they_are_whatever_they_and_their_tables_are_called(backups):
    backups.db.execute('create schema "s.\n"')
    name = '"s.\n"."COPY x FROM stdin;\n\\."'
    backups.db.execute(
        f"create table {name} (t text); insert into {name} select e'a\\n\\\\.\\n' from"
        " generate_series(1, 1000)"
    )
    backups.db.execute("create table public.parent (id integer); insert into parent values (1)")
    backups.db.execute("create table public.child () inherits (parent)")
    backups.db.execute("insert into child values (2), (3)")
    backups.db.execute("create table public.nothing ()")
    backups.db.execute("insert into nothing select; insert into nothing select")
    for level in ("0", "9"):
        backups.db.execute("select plumb.change_setting('backup_compress_level', %s)", [level])

        counts = backups.make().manifest()["rowCounts"]

        assert counts[name] == 1000
        assert (counts["public.parent"], counts["public.child"]) == (1, 2)
        assert counts["public.nothing"] == 2
