"""Guarded tables that mallory owns, and what is missing of their guards."""

import psycopg
import pytest

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
