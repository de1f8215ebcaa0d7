"""Code that a role attaches to its tables and views, and sessions that watch what it did."""

import re

import psycopg
import pytest

# What nobody may do who is not trusted; a payload that manages one says `did …`.
FORBIDDEN = (
    "reset role",
    "set role postgres",
    "set role plumb_owner",
    "set session authorization postgres",
    "alter role mallory superuser",
    "grant plumb_owner to mallory",
    "grant plumb_inspector to mallory",
    "set transaction_read_only = off",
    "set transaction read write",
    "alter function plumb.inspect(text, text[], integer) security invoker",
    "alter function plumb.inspect(text, text[], integer) reset search_path",
    "alter function plumb.inspect(text, text[], integer) set search_path = own",
    "drop function plumb.inspect(text, text[], integer) cascade",
    "grant execute on function plumb.inspect(text, text[], integer) to public",
    "alter role plumb_inspector set search_path = own",
    "alter default privileges grant all on tables to public",
    "create table public.made_by_mallory (id integer)",
    "create temp table made_by_mallory (id integer)",
    "create temp view settings as select 1",
    "create function public.made_by_mallory() returns integer language sql return 1",
    "insert into own.seen values ('x')",
    "select own.record()",
    "copy (select 1) to program 'true'",
    "copy (select 1) to '/tmp/made_by_mallory'",
    "select pg_read_file('/etc/hostname')",
    "table plumb.audit_log",
    "table plumb.api_tokens",
    "table plumb.destination_secrets",
    "table plumb.settings",
    "table plumb.invariants",
    "select plumb.append_audit('UPDATE', 'x', '', null, null)",
    "select plumb.engage_safe_mode('x', 'mallory')",
    "select rolpassword from pg_authid",
    "lock table own.item in access exclusive mode",
    "commit",
)
# What works in any session, and must be gone when the product's function returns.
LEFT_BEHIND = (
    "select set_config('search_path', 'own', false)",
    "select set_config('plumb.current_time', '2001-01-01', false)",
    "select set_config('plumb.audit_dismantling', 'on purpose', false)",
    "select set_config('plumb.audit_attaching', 'on', false)",
    "set application_name = 'mallory'",
    "set session characteristics as transaction read only",
    "set lock_timeout = '1ms'",
    "set statement_timeout = '1s'",
    "declare held cursor with hold for select own.pwn()",
    "listen mallory",
    "set constraints all deferred",
)
PAYLOAD = f"""
create function own.record() returns integer language sql security definer as
'insert into own.seen values (current_user) returning 1';
create function own.pwn() returns integer language plpgsql as $$
declare
    v_statement text;
begin
    raise notice 'ran as % (%)', current_user,
        (select rolsuper from pg_catalog.pg_roles where rolname = current_user);
    if current_user = 'mallory' then
        return 0;
    end if;
    foreach v_statement in array array[{",".join("$q$" + s + "$q$" for s in FORBIDDEN)}] loop
        begin
            execute v_statement;
            raise notice 'did %', v_statement;
        exception when others then perform 1;
        end;
    end loop;
    foreach v_statement in array array[{",".join("$q$" + s + "$q$" for s in LEFT_BEHIND)}] loop
        begin
            execute v_statement;
        exception
            when duplicate_cursor then perform 1;
            when others then raise notice 'could not %: %', v_statement, sqlerrm;
        end;
    end loop;
    set search_path = pg_catalog, pg_temp;
    return 0;
end $$;
create function own.f(integer) returns integer language plpgsql immutable as
$$ begin perform own.pwn(); return $1; end $$;
"""

# How mallory attaches it to own.item, which has the columns id, v and code.
ATTACHMENTS = {
    "index expression": "create index on own.item ((id + own.f(1)))",
    "index predicate": "create index on own.item (id) where own.f(1) = 1",
    "extended statistics": "create statistics own.stats on (id + own.f(1)), v from own.item;"
    " analyze own.item",
    "check constraint": "set constraint_exclusion = on;"
    " alter table own.item add check (own.f(1) = 1) not valid",
    "row security": "alter table own.item enable row level security, force row level security;"
    " create policy p on own.item using (own.f(1) = 1)",
    "rule": "create rule r as on update to own.item do also select own.f(1)",
    "generated column": "alter table own.item add g integer generated always as (own.f(id)) stored",
    "default": "alter table own.item add d integer default own.f(1)",
    "trigger": "create function own.tg() returns trigger language plpgsql as"
    " $$ begin perform own.pwn(); return new; end $$;"
    " create trigger t after insert or update on own.item for each row execute function own.tg()",
}
# These run code when the table is read or planned; the others only when it is written.
RUN_BY_READING = {"index expression", "index predicate", "extended statistics"}


@pytest.fixture
def mallory(db):
    db.execute("create role mallory login")
    db.execute("create schema own authorization mallory")
    db.execute(f"grant create on database {db.info.dbname} to mallory")
    db.execute("set session authorization mallory")
    db.execute("create table own.seen (who text)")
    db.execute("create table own.item (id integer primary key, v text, code text)")
    db.execute("insert into own.item select i, 'v' || i from generate_series(1, 20) as i")
    db.execute(PAYLOAD)
    db.execute("reset session authorization")
    yield db
    db.execute("reset session authorization")
    db.execute("drop owned by mallory cascade; drop role mallory")


def as_mallory(db, statements):
    db.execute("set session authorization mallory")
    db.execute(statements)
    db.execute("reset session authorization")


SESSION = """
select
    (
        select jsonb_object_agg(s.name, s.setting)
        from pg_settings as s
        -- What the commands of psql and psycopg themselves move.
        where s.name not in ('transaction_read_only', 'transaction_isolation')
    ) || jsonb_build_object(
        'time', coalesce(current_setting('plumb.current_time', true), ''),
        'dismantling', coalesce(current_setting('plumb.audit_dismantling', true), ''),
        'attaching', coalesce(current_setting('plumb.audit_attaching', true), ''),
        'cursors', (select count(*) from pg_cursors where is_holdable),
        'channels', (select count(*) from pg_listening_channels())
    ),
    (
        select jsonb_object_agg(
            p.oid::regprocedure, concat_ws(' ', p.proowner, p.prosecdef, p.proconfig, p.proacl)
        )
        from pg_proc as p where p.pronamespace = 'plumb'::regnamespace
    ),
    (select jsonb_agg(to_jsonb(r) - 'rolpassword' order by r.oid) from pg_roles as r),
    (select jsonb_agg(to_jsonb(m)) from pg_auth_members as m),
    (
        select count(*) from pg_class
        where relname ~ 'made_by_mallory' or relnamespace = pg_my_temp_schema()
    )
"""


class Watched:
    """A session of the product: what its notices say, and what is left when a call is over."""

    def __init__(self, session):
        """Listen to what the session says."""
        self.session = session
        self.notices = []
        session.prepare_threshold = None
        session.add_notice_handler(lambda notice: self.notices.append(notice.message_primary))

    def call(self, statement):
        before = self.session.execute(SESSION).fetchone()
        try:
            cursor = self.session.execute(statement)
            result = cursor.fetchall() if cursor.description else None
        except psycopg.Error as error:
            result = error
        after = self.session.execute(SESSION).fetchone()
        assert {k: (b, after[0].get(k)) for k, b in before[0].items() if after[0].get(k) != b} == {}
        assert after[1:] == before[1:]
        return result

    @property
    def ran_as(self):
        return {match[1] for n in self.notices if (match := re.match(r"ran as (\w+)", n))}

    @property
    def did(self):
        return [n for n in self.notices if n.startswith(("did ", "could not "))]


@pytest.fixture
def watch(connect):
    """Return a function that opens a watched session of a role, the superuser's by default."""
    return lambda user=None, **options: Watched(
        connect(**({"user": user} if user else {}), **options)
    )


DECLARE = (
    "select plumb.declare_invariant('OWN_ITEMS', 'own.wrong', 'P3', 'Nothing is wrong.');"
    "select plumb.watch_table('OWN_ITEMS', 'own.item', 'id')"
)


@pytest.fixture
def declared(mallory):
    """Declare an invariant on a view of mallory's over an audited table of mallory's."""
    as_mallory(
        mallory,
        "create view own.wrong as select id as subject, own.f(id) as said, v from own.item"
        " where v = 'wrong'",
    )
    mallory.execute("select plumb.audit_table('own.item')")
    mallory.execute(DECLARE)
    as_mallory(mallory, "update own.item set v = 'wrong' where id = 3")
    mallory.execute("select plumb.seal_audit()")
    return mallory
