"""Code that somebody else wrote never runs with rights that this somebody lacks.

mallory owns schema `own` and attaches a function to its tables in every way that PostgreSQL
offers. Whenever it runs it says as whom, and tries to rise, to change what is ours, and to leave
something behind in the session. It says so in notices, for it can write nothing.
"""

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


AUDIT_CALLS = {
    "audit-verify": ("plumb_worker", "call plumb.run_job('audit-verify', true)"),
    "audit-deep": ("plumb_worker", "call plumb.run_job('audit-deep', true)"),
    "reconcile": (None, "select * from plumb.reconcile_audit('own.item', 'full')"),
    "changes": (None, "select * from plumb.reconcile_audit('own.item', 'changes')"),
    "rebase": (None, "select plumb.rebase_audit('own.item', 'rows')"),
    "audit again": (None, "select plumb.audit_table('own.item', '{code}')"),
}


@pytest.mark.parametrize(
    ("attachment", "call"),
    [(a, c) for a in sorted(RUN_BY_READING) for c in AUDIT_CALLS]
    + [(a, c) for a in ATTACHMENTS if a not in RUN_BY_READING for c in ("audit-deep", "rebase")],
)
def test_what_is_attached_to_an_audited_table_runs_without_rights(mallory, watch, attachment, call):
    mallory.execute("select plumb.audit_table('own.item')")
    as_mallory(mallory, ATTACHMENTS[attachment])
    as_mallory(mallory, "update own.item set v = 'w' where id = 3")
    mallory.execute("select plumb.seal_audit()")
    user, statement = AUDIT_CALLS[call]
    session = watch(user)

    result = session.call(statement)

    assert session.did == []
    assert session.ran_as <= {"plumb_inspector"}
    if attachment in RUN_BY_READING:
        assert session.ran_as == {"plumb_inspector"}
    assert not isinstance(result, Exception), result
    assert mallory.execute("select * from own.seen where who <> 'mallory'").fetchall() == []


@pytest.mark.parametrize(
    "setting",
    [
        "'extra_float_digits', '-10'",
        "'timezone', 'Asia/Tokyo'",
        "'search_path', 'own'",
        "'row_security', 'on'",
    ],
)
def test_what_code_of_others_set_while_a_table_was_read_spoils_the_reading(mallory, setting):
    as_mallory(
        mallory,
        "create function own.blur(integer) returns integer language plpgsql immutable as"
        f" $$ begin perform set_config({setting}, false); return $1; end $$",
    )
    mallory.execute("select plumb.audit_table('own.item')")
    as_mallory(mallory, "create index on own.item ((id + own.blur(1)))")

    with pytest.raises(psycopg.Error, match="changed settings while a relation was read") as error:
        mallory.execute("select * from plumb.reconcile_audit('own.item')")

    assert error.value.sqlstate == "PL007"


@pytest.mark.parametrize("then", ["return $1", "raise 'x'", "raise sqlstate '57014'"])
def test_a_statement_prepared_by_code_of_others_is_removed(mallory, connect, then):
    mallory.execute("select plumb.audit_table('own.item')")
    as_mallory(
        mallory,
        "create function own.swap() returns void language plpgsql as $$ begin"
        " deallocate all; prepare harmless as select own.pwn(); end $$;"
        " create or replace function own.f(integer) returns integer language plpgsql immutable as"
        " $$ begin if current_user <> 'mallory' then perform own.swap();"
        f" {then}; end if; return $1; end $$; create index on own.item ((id + own.f(1)))",
    )
    session = connect()
    session.execute("prepare harmless as select 1")

    with pytest.raises(psycopg.Error) as error:
        session.execute("select * from plumb.reconcile_audit('own.item')")

    assert error.value.sqlstate == "PL007"
    assert session.execute("select name from pg_prepared_statements").fetchall() == []


@pytest.mark.parametrize("code", ["PL000", "PL007", "57014", "P0004"])
def test_an_error_of_code_of_others_never_passes_for_the_end_of_a_reading(mallory, code):
    mallory.execute("select plumb.audit_table('own.item')")
    as_mallory(
        mallory,
        "create or replace function own.f(integer) returns integer"
        " language plpgsql immutable as $$ begin if current_user <> 'mallory' then"
        f" raise 'hidden' using errcode = '{code}'; end if; return $1; end $$;"
        " create index on own.item ((id + own.f(1)))",
    )

    with pytest.raises(psycopg.Error, match="hidden"):
        mallory.execute("select * from plumb.reconcile_audit('own.item')")


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


INVARIANT_CALLS = {
    "invariant": ("plumb_worker", "call plumb.run_job('invariant', true)"),
    "deep-scan": ("plumb_worker", "call plumb.run_job('deep-scan', true)"),
    "verify": (None, "select plumb.verify()"),
    "api": ("plumb_api", "select * from plumb.check_invariants()"),
    "read": (None, "select * from plumb.read_violations('OWN_ITEMS')"),
    "keyed read": (
        None,
        "select * from plumb.read_violations('OWN_ITEMS', '{\"subject\": [\"3\"]}')",
    ),
    "reader": ("plumb_reader", "select * from plumb.read_violations('OWN_ITEMS')"),
}


@pytest.mark.parametrize("call", INVARIANT_CALLS)
@pytest.mark.parametrize("attachment", [None, *sorted(RUN_BY_READING), "row security"])
def test_what_an_invariant_reads_runs_without_rights(declared, watch, attachment, call):
    if attachment:
        as_mallory(declared, ATTACHMENTS[attachment])
        as_mallory(
            declared,
            "create or replace view own.wrong as select id as subject, 0 as said, v from own.item"
            " where v = 'wrong'",
        )
    user, statement = INVARIANT_CALLS[call]
    session = watch(user) if user != "plumb_reader" else watch(role="plumb_reader")

    result = session.call(statement)

    assert session.did == []
    assert session.ran_as <= {"plumb_inspector"}
    if attachment == "row security":
        # Whoever may not see all rows is told so, and the invariant is unknown.
        assert not isinstance(result, Exception) or result.sqlstate == "42501"
    else:
        assert not isinstance(result, Exception), result
        assert session.ran_as == {"plumb_inspector"}
    assert declared.execute("select * from own.seen where who <> 'mallory'").fetchall() == []


@pytest.mark.parametrize("user", [None, "app"])
def test_a_check_at_commit_runs_code_of_others_without_rights(declared, watch, user):
    declared.execute("select plumb.enforce_invariant('OWN_ITEMS', 'commit')")
    declared.execute("select plumb.engage_safe_mode('x', 'x'), plumb.disengage_safe_mode('x', 'x')")
    declared.execute("create role app login; grant usage on schema own to app")
    declared.execute("grant select, update on own.item to app")
    session = watch(user)

    fine = session.call("update own.item set v = 'fine' where id = 4")
    refused = session.call("update own.item set v = 'wrong' where id = 4")

    declared.execute("drop owned by app; drop role app")
    assert fine is None
    assert refused.sqlstate == "23514"
    assert session.did == []
    assert session.ran_as == {"plumb_inspector"}


FIX = """
create or replace function own.fix(p_subjects text []) returns bigint language plpgsql {rights}
as $$ begin
    update own.item set v = 'fixed' where id = any(p_subjects::integer []);
    {more}
    return cardinality(p_subjects);
end $$;
grant execute on function own.fix(text []) to plumb_owner;
grant usage on schema own to plumb_owner
"""


def corrected(db):
    return db.execute("select v from own.item where id = 3").fetchone() == ("fixed",)


def note(db):
    return db.execute(
        "select note from plumb.incident_events where event = 'auto_correct'"
        " order by incident_event_id desc limit 1"
    ).fetchone()[0]


def declare_fix(db):
    db.execute(
        "select plumb.declare_invariant('OWN_ITEMS', 'own.wrong', 'P3', 'Nothing is wrong.',"
        " p_auto_correct => 'own.fix')"
    )


def test_a_correction_of_the_owner_changes_rows_as_the_owner(declared, watch):
    as_mallory(declared, FIX.format(rights="security definer", more="perform own.record();"))
    declare_fix(declared)

    watch("plumb_worker").call("call plumb.run_job('deep-scan', true)")

    assert corrected(declared)
    assert declared.execute("select distinct who from own.seen").fetchall() == [("mallory",)]


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ("perform set_config('search_path', 'own', false);", "search_path"),
        ("perform set_config('statement_timeout', '1', true);", "statement_timeout"),
        ("perform set_config('plumb.current_time', '2001-01-01', false);", "plumb.current_time"),
        ("create temp view jobs as select own.pwn();", "temporary objects"),
        ("declare held cursor with hold for select own.pwn();", "cursors"),
        ("prepare harmless as select own.pwn();", "prepared the statements"),
        (
            "create constraint trigger late after update on own.item initially deferred"
            " for each row execute function own.late(); update own.item set v = 'x' where id = 9;",
            "late on own.item",
        ),
        ("raise sqlstate '57014';", "57014"),
        ("assert false, 'asserted';", "asserted"),
    ],
)
def test_a_correction_that_leaves_more_than_rows_behind_is_taken_back(declared, watch, more, what):
    as_mallory(
        declared,
        "create function own.late() returns trigger language plpgsql as"
        " $$ begin perform own.pwn(); return new; end $$;"
        + FIX.format(rights="security definer", more=f"execute $q${more}$q$;")
        if more.startswith(("create", "declare", "prepare"))
        else "create function own.late() returns trigger language plpgsql as"
        " $$ begin perform own.pwn(); return new; end $$;"
        + FIX.format(rights="security definer", more=more),
    )
    declare_fix(declared)
    session = watch("plumb_worker")

    session.call("call plumb.run_job('deep-scan', true)")

    assert what in note(declared)
    assert not corrected(declared)
    assert session.did == []
    assert session.ran_as <= {"plumb_inspector"}
    assert session.session.execute("select name from pg_prepared_statements").fetchall() == []


def test_a_correction_with_rights_of_its_caller_is_refused_and_never_called(declared, watch):
    as_mallory(declared, FIX.format(rights="security definer", more="perform own.pwn();"))
    declare_fix(declared)
    as_mallory(declared, "alter function own.fix(text []) security invoker")

    with pytest.raises(psycopg.Error, match="is not SECURITY DEFINER"):
        declare_fix(declared)
    watch("plumb_worker").call("call plumb.run_job('deep-scan', true)")

    assert "is not SECURITY DEFINER" in note(declared)
    assert not corrected(declared)


def test_a_superusers_correction_of_tables_of_others_is_refused(declared):
    declared.execute(FIX.format(rights="security definer", more=""))

    with pytest.raises(psycopg.Error, match="belongs to a superuser, and the triggers of own"):
        declare_fix(declared)


def test_the_reader_may_read_what_is_audited_or_declared_and_nothing_else(declared):
    readable = (
        "select plumb.relation_name(c.oid) from pg_class as c"
        " where c.relnamespace not in ('pg_catalog'::regnamespace,"
        " 'information_schema'::regnamespace, 'pg_toast'::regnamespace)"
        " and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')"
        " and has_any_column_privilege('plumb_inspector', c.oid, 'select')"
        " and not has_table_privilege('public', c.oid, 'select')"
    )
    expected = (
        "select a.relation from plumb.audited_tables as a"
        " union select i.view_name from plumb.invariants as i"
    )
    assert set(declared.execute(readable)) == set(declared.execute(expected))
    assert ("own.wrong",) in set(declared.execute(readable))

    declared.execute("select plumb.drop_invariant('OWN_ITEMS')")
    declared.execute("select plumb.unaudit_table('own.item')")

    assert set(declared.execute(readable)) == set(declared.execute(expected))
    assert not [name for (name,) in declared.execute(readable) if name.startswith("own.")]


def test_the_reader_is_nobody_and_owns_its_function_alone(db):
    assert db.execute(
        "select rolsuper, rolcanlogin, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
        " from pg_roles where rolname = 'plumb_inspector'"
    ).fetchone() == (False, False, False, False, False, True)
    assert (
        db.execute(
            "select from pg_auth_members where 'plumb_inspector'::regrole in (roleid, member)"
        ).fetchall()
        == []
    )
    assert db.execute(
        "select pg_describe_object(classid, objid, 0) from pg_shdepend"
        " where deptype = 'o' and refobjid = 'plumb_inspector'::regrole"
        " and dbid = (select oid from pg_database where datname = current_database())"
    ).fetchall() == [("function inspect(text,text[],integer)",)]
    writable = (
        "select c.oid::regclass::text from pg_class as c where c.relkind in ('r', 'p', 'v')"
        " and c.relnamespace <> 'pg_catalog'::regnamespace"
        " and has_table_privilege('plumb_inspector', c.oid, 'insert, update, delete, truncate')"
    )
    assert db.execute(writable).fetchall() == []
