"""A superuser who takes back changes of tables of others lends nobody his rights."""

import pytest
from foreign_code import ATTACHMENTS, as_mallory

WRITTEN = "; ".join(
    [
        *(ATTACHMENTS[name] for name in ("trigger", "index expression", "check constraint")),
        *(ATTACHMENTS[name] for name in ("generated column", "row security", "rule")),
        "create function own.b(text) returns boolean language plpgsql immutable"
        " as $$ begin perform own.pwn(); return true; end $$;"
        " create domain own.checked as text check (own.b(value));"
        " alter table own.item add checked own.checked default 'x'",
        "create type own.mood as enum ('v3', 'x');"
        " alter table own.item add mood own.mood default 'x';"
        " create function own.moody(text) returns own.mood language plpgsql immutable as"
        " $$ begin perform own.pwn(); return 'x'; end $$;"
        " create cast (text as own.mood) with function own.moody(text) as implicit",
    ]
)
TAKE_BACK = {
    "undo": "select * from plumb.undo_user('ann', '-infinity', 'infinity', dry_run => false)",
    "restore": "select plumb.restore_row('own.item', '3', as_of => '-infinity', dry_run => false)",
}
CHANGE = (
    "set plumb.app_user = 'ann'; update own.item set v = 'other' where id = 3; reset plumb.app_user"
)


def value(db):
    return db.execute("select v from own.item where id = 3").fetchone()


@pytest.mark.parametrize(("kind", "then"), [("undo", ("v3",)), ("restore", None)])
def test_what_is_attached_runs_as_the_owner_of_the_table(mallory, watch, kind, then):
    as_mallory(mallory, WRITTEN)
    mallory.execute("select plumb.audit_table('own.item')")
    as_mallory(mallory, CHANGE)
    session = watch()

    result = session.call(TAKE_BACK[kind])

    assert not isinstance(result, Exception), result
    assert session.did == []
    assert session.ran_as <= {"mallory", "plumb_inspector"}
    assert value(mallory) == then


@pytest.mark.parametrize("kind", TAKE_BACK)
def test_what_it_leaves_in_the_session_takes_it_back(mallory, watch, kind):
    as_mallory(
        mallory,
        "create function own.tg() returns trigger language plpgsql as $$ begin"
        " perform set_config('search_path', 'own', false); return null; end $$;"
        " create trigger t after update or delete on own.item"
        " for each row execute function own.tg()",
    )
    mallory.execute("select plumb.audit_table('own.item')")
    as_mallory(mallory, CHANGE)

    refused = watch().call(TAKE_BACK[kind])

    assert refused.sqlstate == "PL007"
    assert value(mallory) == ("other",)


def test_no_operator_in_front_compares_what_is_taken_back(mallory, watch):
    as_mallory(
        mallory,
        "create domain own.word as text; create type own.mood as enum ('10.0.0.0/8', '11.0.0.0/8');"
        # What "$user" of the search_path means for the superuser of the tests.
        f"create schema {mallory.info.user}",
    )
    for type_name in ("varchar", "text", "cidr", "own.word", "own.mood"):
        table = f'public."{type_name}"'
        mallory.execute(f"create table {table} (id {type_name} primary key, v {type_name})")
        mallory.execute("select plumb.audit_table(%s)", [table])
        mallory.execute("set plumb.app_user = 'ann'")
        mallory.execute(f"insert into {table} values ('10.0.0.0/8', '10.0.0.0/8')")
        mallory.execute(f"update {table} set v = '11.0.0.0/8'")
        mallory.execute("reset plumb.app_user")
        as_mallory(
            mallory,
            f"set search_path = {mallory.info.user}, pg_catalog;"
            f"create function eq({type_name}, {type_name}) returns boolean language plpgsql as"
            " $$ begin perform own.pwn(); return true; end $$;"
            f"create operator = (function = eq, leftarg = {type_name}, rightarg = {type_name});"
            f"create function jsonb_populate_record({table}, jsonb) returns {table}"
            " language plpgsql as $$ begin perform own.pwn(); return $1; end $$;"
            "reset search_path",
        )
    session = watch()
    session.session.execute('set search_path = "$user", public')

    result = session.call(TAKE_BACK["undo"])

    assert not isinstance(result, Exception), result
    assert session.ran_as == set()
    assert mallory.execute('select count(*) from public."own.mood"').fetchone() == (0,)
