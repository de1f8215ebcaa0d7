"""A view of somebody's own steps aside for DDL and comes back; nobody gains anything by it.

Its text is parsed anew then, and parsing a literal of a range, an array or a row runs the
conditions of the domains that it is made of.
"""

import psycopg
import pytest
from foreign_code import as_mallory

LITERALS = """
create function own.b(integer) returns boolean language plpgsql immutable as
$$ begin perform own.pwn(); return true; end $$;
create domain own.checked as integer check (own.b(value));
create type own.span as range (subtype = own.checked, multirange_type_name = own.spans);
create type own.pair as (c own.checked, note text);
create view own.wrong as select
    i.id as subject,
    '[1,3)'::own.span as span,
    '{[1,3)}'::own.spans as spans,
    '(1,x)'::own.pair as pair,
    '{1,2}'::own.checked[] as list,
    i.v
from own.item as i where i.v = 'wrong';
"""
DECLARE = "select plumb.declare_invariant('OWN_ITEMS', 'own.wrong', 'P3', 'Nothing is wrong.')"
COMMANDS = (
    "alter table own.item alter column v type varchar(200)",
    "alter table own.item alter column id type bigint",
    "alter table own.item drop column v",
    "alter table own.item add column v text",
    "alter table own.item alter column id type integer",
)


def view_of(db):
    return db.execute(
        "select c.relowner::regrole::text, strpos(pg_get_viewdef(c.oid), 'wrong') > 0"
        " from pg_class as c where c.oid = 'own.wrong'::regclass"
    ).fetchone()


def test_the_literals_of_a_view_are_read_with_the_rights_of_its_owner(mallory, watch):
    as_mallory(mallory, LITERALS)
    mallory.execute(DECLARE)
    for session in (watch(), watch("mallory")):
        for command in COMMANDS:
            result = session.call(command)
            assert not isinstance(result, Exception), result
            assert session.did == [], command
            assert session.ran_as <= {"mallory"}, command
        assert view_of(mallory) == ("mallory", True)
        assert mallory.execute("select * from plumb.set_aside_views").fetchall() == []


def test_a_superusers_view_with_such_literals_does_not_step_aside(mallory, watch):
    as_mallory(mallory, LITERALS)
    mallory.execute("alter view own.wrong owner to current_user")
    mallory.execute(DECLARE)
    session = watch("mallory")

    refused = session.call("alter table own.item alter column v type varchar(200)")

    assert isinstance(refused, psycopg.errors.FeatureNotSupported)
    assert session.ran_as == set()


def test_an_owner_who_may_create_no_view_there_keeps_it_as_it_is(mallory, connect):
    as_mallory(mallory, LITERALS)
    mallory.execute(DECLARE)
    mallory.execute("create role other; alter view own.wrong owner to other")

    with pytest.raises(psycopg.errors.FeatureNotSupported):
        connect(user="mallory").execute("alter table own.item alter column v type varchar(200)")

    assert view_of(mallory) == ("other", True)
    mallory.execute("drop owned by other cascade; drop role other")


def test_what_the_owner_leaves_in_the_session_leaves_the_view_empty(mallory, connect):
    as_mallory(
        mallory,
        "create function own.look(integer) returns boolean language plpgsql immutable as"
        " $$ begin perform set_config('search_path', 'own', false); return true; end $$;"
        + LITERALS.replace("own.b(value)", "own.look(value)"),
    )
    mallory.execute(DECLARE)
    session = connect()
    session.execute("set search_path = pg_catalog")

    session.execute("alter table own.item alter column v type varchar(200)")

    assert session.execute("show search_path").fetchone() == ("pg_catalog",)
    assert mallory.execute(
        "select fault ~ 'leaves behind search_path' from plumb.set_aside_views"
    ).fetchone() == (True,)


def test_no_command_of_somebody_else_locks_a_view(mallory, connect):
    """The text of a command may name any table."""
    as_mallory(mallory, LITERALS)
    mallory.execute(DECLARE)
    mallory.execute("create role nobody_in login")
    nobody = connect(user="nobody_in", autocommit=False)
    nobody.execute("create temp table t (id integer)")
    nobody.execute("alter table t add column v text /* item, products, stock, customers */")

    locked = mallory.execute(
        "select l.relation::regclass::text from pg_locks as l"
        " inner join pg_class as c on c.oid = l.relation and c.relkind = 'v'"
        " where l.pid = %s and l.mode = 'AccessExclusiveLock'",
        [nobody.info.backend_pid],
    ).fetchall()

    nobody.close()
    mallory.execute("drop owned by nobody_in; drop role nobody_in")
    assert locked == []
