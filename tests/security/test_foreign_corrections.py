"""Auto-correct functions belong to others, and may change rows but nothing else."""

import psycopg
import pytest
from foreign_code import as_mallory

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


def test_a_correction_that_lost_its_rights_after_it_was_checked_is_never_called(declared, watch):
    as_mallory(declared, FIX.format(rights="security invoker", more="perform own.pwn();"))
    session = watch()

    refused = session.call("select plumb.run_correction('own.fix(text[])', array['3'])")

    assert refused.sqlstate == "PL007"
    assert session.ran_as == set()
    assert not corrected(declared)


@pytest.mark.parametrize(
    "change",
    [
        "alter function own.fix(text []) security invoker",
        "drop function own.fix(text [])",
        "alter function own.fix(text []) rename to other",
        "alter function own.fix(text []) owner to current_user",
    ],
)
def test_a_correction_is_not_changed_by_others_from_its_check_to_its_end(declared, connect, change):
    as_mallory(declared, FIX.format(rights="security definer", more=""))
    owner = connect(user="mallory", options="-c lock_timeout=200ms")

    with declared.transaction():
        assert declared.execute("select plumb.lock_correction('own.fix(text[])')").fetchone()[0]
        if "owner to" not in change:
            with pytest.raises(psycopg.errors.LockNotAvailable):
                owner.execute(change)
    owner.execute(change)


def test_a_superusers_correction_of_tables_of_others_is_refused(declared):
    declared.execute(FIX.format(rights="security definer", more=""))

    with pytest.raises(psycopg.Error, match="belongs to a superuser, and the triggers of own"):
        declare_fix(declared)


RETURNS = {
    "a composite type": "create type own.told as (n integer);"
    " create function own.fix(text []) returns own.told language sql security definer"
    " as 'select row(1)::own.told'",
    "an enum": "create type own.told as enum ('a');"
    " create function own.fix(text []) returns own.told language sql security definer"
    " as $$ select 'a'::own.told $$",
    "rows of a composite type": "create type own.told as (n integer);"
    " create function own.fix(text []) returns setof own.told language sql security definer"
    " as 'select row(1)::own.told'",
}


@pytest.mark.parametrize("returns", RETURNS.values(), ids=RETURNS)
@pytest.mark.parametrize("as_what", ["as assignment", "as implicit", ""])
def test_no_cast_of_what_a_correction_returns_runs_with_our_rights(
    declared, watch, returns, as_what
):
    as_mallory(declared, FIX.format(rights="security definer", more=""))
    declare_fix(declared)
    as_mallory(
        declared,
        "drop function own.fix(text []);"
        f" {returns}; grant execute on function own.fix(text []) to plumb_owner;"
        " create function own.number(own.told) returns bigint language plpgsql as"
        " $$ begin perform own.pwn(); return 1; end $$;"
        f" create cast (own.told as bigint) with function own.number(own.told) {as_what}",
    )

    with pytest.raises(psycopg.Error, match=r"returns own\.told, not bigint"):
        declare_fix(declared)
    session = watch("plumb_worker")
    session.call("call plumb.run_job('deep-scan', true)")

    assert "returns own.told, not bigint" in note(declared)
    assert session.did == []
    assert session.ran_as <= {"plumb_inspector"}


def test_a_correction_that_is_changed_while_it_runs_is_taken_back(declared, watch):
    as_mallory(
        declared,
        FIX.format(
            rights="security definer",
            more="execute 'alter function own.fix(text []) security invoker';",
        ),
    )
    declare_fix(declared)

    watch("plumb_worker").call("call plumb.run_job('deep-scan', true)")

    assert "was changed while it ran" in note(declared)
    assert not corrected(declared)
