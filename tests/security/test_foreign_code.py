"""Code that somebody else wrote never runs with rights that this somebody lacks.

mallory owns schema `own` and attaches a function to its tables in every way that PostgreSQL
offers. Whenever it runs it says as whom, and tries to rise, to change what is ours, and to leave
something behind in the session. It says so in notices, for it can write nothing.
"""

import psycopg
import pytest
from foreign_code import (
    ATTACHMENTS,
    DECLARE,
    RUN_BY_READING,
    as_mallory,
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


HIDDEN = {
    "a table": ("create table other.secret as select 1 as subject, 'hidden' as v", "other.secret"),
    "a view of ours": ("", "plumb.destination_status"),
    "rows behind a policy": (
        "create table other.secret as select 1 as subject, 'hidden' as v;"
        " grant select on other.secret to mallory;"
        " alter table other.secret enable row level security",
        "other.secret",
    ),
}


@pytest.mark.parametrize(("made", "relation"), HIDDEN.values(), ids=HIDDEN)
def test_no_view_lends_its_owner_the_readers_eyes(declared, watch, made, relation):
    declared.execute(f"create schema other; {made}; grant usage on schema other, plumb to mallory")
    as_mallory(
        declared,
        "drop view own.wrong; create view own.wrong with (security_invoker = on)"
        f" as select 1 as subject, to_jsonb(s) as v from {relation} as s",
    )

    watch("plumb_worker").call("call plumb.run_job('deep-scan', true)")
    # As if the view had been replaced after it was looked at.
    declared.execute("select plumb.grant_inspection('own.wrong')")

    query = "select has_table_privilege('plumb_inspector', %s, 'select')"
    assert declared.execute(query, [relation]).fetchone() == (False,)
    assert declared.execute(
        "select status from plumb.invariant_status where name = 'OWN_ITEMS'"
    ).fetchone() == ("unknown",)
    with pytest.raises(psycopg.Error, match="its owner may not read"):
        declared.execute(DECLARE)


@pytest.mark.parametrize(("made", "relation"), HIDDEN.values(), ids=HIDDEN)
def test_no_reading_of_a_view_shows_what_the_reader_sees_for_others(
    declared, watch, made, relation
):
    """Each reading judges the view: it may have been replaced since the last check."""
    declared.execute(f"create schema other; {made}; grant usage on schema other, plumb to mallory")
    declared.execute("select plumb.enforce_invariant('OWN_ITEMS', 'commit')")
    # As when somebody else audits it.
    declared.execute("grant usage on schema other, plumb to plumb_inspector")
    declared.execute(f"grant select on {relation} to plumb_inspector")
    as_mallory(
        declared,
        "drop view own.wrong; create view own.wrong with (security_invoker = on)"
        f" as select i.id as subject, i.id, to_jsonb(s) as said, i.v from {relation} as s,"
        " own.item as i",
    )
    declared.execute("grant select on own.wrong, own.item to plumb_inspector")

    for call in ("read", "keyed read"):
        for session in (watch(), watch(role="plumb_reader")):
            refused = session.call(INVARIANT_CALLS[call][1])
            assert "its owner may not read" in str(refused)
    refused = watch().call("update own.item set v = 'x' where id = 4")
    assert "its owner may not read" in str(refused)


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
