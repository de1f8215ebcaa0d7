"""A guard that was damaged is reported at once and repaired; guards follow their tables."""

import psycopg
import pytest
from owned_tables import missing
from psycopg import errors, sql
from psycopg.conninfo import make_conninfo

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
    migrate(url, report=lambda _line: None, demo_schema="retail")

    assert owned.execute("select count(*) from plumb.guarded_ddl_permits").fetchone() == (0,)
    with pytest.raises(errors.ReadOnlySqlTransaction):
        mallory.execute(sql.SQL("alter table own.item disable trigger all"))
