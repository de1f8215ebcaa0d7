"""Any row can be read as it was, with who made it so."""

import pytest


def test_history_lists_every_version_with_what_changed_and_by_whom(audit):
    audit.execute("insert into app.item values (1, 'a', 1)")
    audit.execute("set plumb.app_user = 'bob'")
    audit.execute("update app.item set price = 2")
    audit.execute("delete from app.item")
    assert audit.execute(
        "select version, op, changed_columns, app_user from row_history('app.item', '1')"
    ).fetchall() == [
        (1, "INSERT", None, ""),
        (2, "UPDATE", ["price"], "bob"),
        (3, "DELETE", None, "bob"),
    ]


def test_history_follows_a_row_to_and_from_another_key(audit):
    audit.execute("insert into app.item values (1, 'a')")
    audit.execute("update app.item set id = 2")
    audit.execute("update app.item set name = 'b'")
    ops = "select op, new_row ->> 'id' from row_history('app.item', %s)"
    assert audit.execute(ops, ["1"]).fetchall() == [("INSERT", "1"), ("UPDATE", "2")]
    assert audit.execute(ops, ["2"]).fetchall() == [("UPDATE", "2"), ("UPDATE", "2")]


def test_a_row_as_of_a_moment(audit):
    moments = []
    for statement in (
        "insert into app.item values (1, 'a')",
        "update app.item set name = 'b'",
        "update app.item set id = 2",
        "truncate app.item",
    ):
        audit.execute(statement)
        moments.append(audit.execute("select clock_timestamp()").fetchone()[0])

    def name(key, moment):
        row = audit.execute("select row_as_of('app.item', %s, %s)", [key, moment]).fetchone()[0]
        return row and row["name"]

    assert [name("1", m) for m in moments] == ["a", "b", None, None]
    assert [name("2", m) for m in moments] == [None, None, "b", None]


def test_history_of_a_composite_key(audit):
    audit.execute("insert into app.pair values (1, 'x', 'n')")
    assert audit.execute("select op from row_history('app.pair', '[\"x\", 1]')").fetchall() == [
        ("INSERT",)
    ]


def test_rows_older_than_auditing_have_a_first_version(db):
    db.execute("create table public.old (id integer primary key, v text)")
    db.execute("insert into public.old values (1, 'before')")
    db.execute("select audit_table('public.old')")
    assert db.execute(
        "select op, new_row ->> 'v' from row_history('public.old', '1')"
    ).fetchall() == [("SNAPSHOT", "before")]


def as_it_is(db, table, key):
    """Return a row as the log says and as the table does, which must be the same."""
    db.execute("select seal_audit()")
    said = db.execute(f"select row_as_of('{table}', %s, now())", [key]).fetchone()[0]
    held = db.execute(f"select to_jsonb(t) from {table} as t where id::text = %s", [key]).fetchone()
    return said, held and held[0]


def agree(db, table, *keys):
    for key in keys:
        said, held = as_it_is(db, table, key)
        assert said == held, key
    assert db.execute(f"select * from reconcile_audit('{table}', 'changes')").fetchall() == []


def test_a_row_that_a_trigger_changes_anew_is_remembered_as_it_became(db):
    db.execute("create table public.tree (id integer primary key, path text)")
    db.execute(
        "create function public.grow() returns trigger language plpgsql as $$ begin"
        " if new.path is null then"
        "   update public.tree set path = 'p' || id where id = new.id;"
        " end if; return null; end $$"
    )
    db.execute(
        "create trigger grow after insert or update on public.tree"
        " for each row execute function public.grow()"
    )
    db.execute("select audit_table('public.tree')")
    db.execute("insert into public.tree values (1), (2)")
    agree(db, "public.tree", "1", "2")
    db.execute("update public.tree set path = null where id = 1")
    agree(db, "public.tree", "1", "2")
    with db.transaction():
        db.execute("delete from public.tree")
        db.execute("insert into public.tree values (1), (3)")
    agree(db, "public.tree", "1", "2", "3")


def test_a_row_that_a_cascade_changes_again_is_remembered_as_it_became(db):
    db.execute(
        "create table public.tree (id integer primary key, up integer references public.tree"
        " on update cascade on delete set null)"
    )
    db.execute("select audit_table('public.tree')")
    db.execute("insert into public.tree values (1, 1), (2, 1)")
    db.execute("update public.tree set id = 5 where id = 1")
    agree(db, "public.tree", "1", "2", "5")
    db.execute("delete from public.tree where id = 5")
    agree(db, "public.tree", "1", "2", "5")


def test_keys_that_change_places_are_remembered_where_they_went(db):
    db.execute("create table public.swap (id integer primary key deferrable, v text)")
    db.execute("select audit_table('public.swap')")
    db.execute("insert into public.swap select g, 'v' || g from generate_series(1, 150) as g")
    db.execute("update public.swap set id = 3 - id where id < 3")
    agree(db, "public.swap", "1", "2")
    db.execute("update public.swap set id = id + 1")
    agree(db, "public.swap", "1", "2", "3", "151")


def test_what_a_transaction_does_back_and_forth_ends_as_it_ended(audit):
    with audit.transaction():
        audit.execute("insert into app.item values (1, 'a')")
        for name in ("b", "a", "b", "a", "b"):
            audit.execute("update app.item set name = %s", [name])
        audit.execute("delete from app.item")
        audit.execute("insert into app.item values (1, 'a')")
    agree(audit, "app.item", "1")
    with audit.transaction():
        audit.execute("truncate app.item")
        audit.execute("insert into app.item values (1, 'a')")
        audit.execute("update app.item set name = 'a'")
    agree(audit, "app.item", "1")
    with audit.transaction():
        audit.execute("update app.item set name = 'c'")
        audit.execute("truncate app.item")
    agree(audit, "app.item", "1")


def test_a_table_made_anew_has_none_of_the_old_one_s_rows(audit):
    audit.execute("insert into app.item values (1, 'a')")
    audit.execute("drop table app.item")
    audit.execute("create table app.item (id integer primary key, name text)")
    audit.execute("select audit_table('app.item')")
    agree(audit, "app.item", "1")
    assert audit.execute("select op from row_history('app.item', '1')").fetchall() == [
        ("INSERT",),
        ("UNAUDIT",),
    ]


def test_triggers_that_change_a_row_again_and_again_leave_its_history_in_order(db):
    db.execute("create table public.counter (id integer primary key, v integer)")
    db.execute(
        "create function public.count_on() returns trigger language plpgsql as $$ begin"
        " if pg_trigger_depth() < 4 then"
        "   update public.counter set v = v + 1 where id = new.id;"
        " end if; return null; end $$"
    )
    for name in ("first", "second"):
        db.execute(
            f"create trigger {name} after insert or update on public.counter"
            " for each row execute function public.count_on()"
        )
    db.execute("select audit_table('public.counter')")
    db.execute("insert into public.counter values (1, 0), (2, 0)")
    versions = db.execute(
        "select op, (new_row ->> 'v')::integer from row_history('public.counter', '1')"
    ).fetchall()
    assert versions == [("INSERT", 0)] + [("UPDATE", v) for v in range(1, len(versions))]
    assert len(versions) > 10
    agree(db, "public.counter", "1", "2")


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        (["null"], ["a"], [1]),
        (["a", "null", "b"], ["b", "a", "c"], [2, 1, 3]),
        # Round in a circle before the way out.
        (["a", "c", "null", "b", "a"], ["b", "a", "a", "c", "d"], [2, 4, 1, 3, 5]),
        # In order as they are, though not in this order only.
        (["a", "b", "a", "c", "a"], ["b", "a", "c", "a", "d"], [1, 2, 3, 4, 5]),
        # The example at the head of order_events.sql.
        (["a", "b", "s", "a"], ["b", "a", "a", "z"], [2, 3, 1, 4]),
        # A change between them is not in the log.
        (["b", "x", "null"], ["c", "y", "a"], [1, 2, 3]),
    ],
)
def test_events_are_put_where_each_goes_on_from_the_one_before(db, before, after, places):
    found = db.execute("select order_events(%s, %s)", [before, after]).fetchone()[0]
    assert found == places


def versions(db, table, key):
    return db.execute(
        "select op, new_row ->> 'name' from row_history(%s, %s)", [table, key]
    ).fetchall()


def test_history_follows_a_table_from_name_to_name(audit):
    audit.execute("insert into app.item values (1, 'a')")
    audit.execute("alter table app.item rename to thing")
    audit.execute("alter schema app rename to wares")
    (moment,) = audit.execute("select clock_timestamp()").fetchone()
    audit.execute("update wares.thing set name = 'b'")
    assert versions(audit, "wares.thing", "1") == [("INSERT", "a"), ("UPDATE", "b")]
    row = audit.execute("select row_as_of('wares.thing', '1', %s)", [moment]).fetchone()[0]
    assert row["name"] == "a"
    assert row["id"] == 1


def test_tables_that_exchange_their_names_keep_their_own_history(audit):
    audit.execute("create table app.other (id integer primary key, name text)")
    audit.execute("select audit_table('app.other')")
    audit.execute("insert into app.item values (1, 'item')")
    audit.execute("insert into app.other values (1, 'other')")
    with audit.transaction():
        audit.execute("alter table app.item rename to spare")
        audit.execute("alter table app.other rename to item")
        audit.execute("alter table app.spare rename to other")
        audit.execute("update app.item set name = name || '!'")
    assert versions(audit, "app.item", "1") == [("INSERT", "other"), ("UPDATE", "other!")]
    assert versions(audit, "app.other", "1") == [("INSERT", "item")]


def test_a_table_that_takes_the_name_of_a_dropped_one_begins_a_new_life(audit):
    audit.execute("insert into app.item values (1, 'old')")
    audit.execute("drop table app.item")
    audit.execute("create table app.item (id integer primary key, name text)")
    audit.execute("select audit_table('app.item')")
    audit.execute("insert into app.item values (1, 'new')")
    assert versions(audit, "app.item", "1") == [
        ("INSERT", "old"),
        ("UNAUDIT", None),
        ("INSERT", "new"),
    ]


def test_a_partition_shows_the_history_of_its_table(audit):
    audit.execute("insert into app.part values (1, 'eu', 'a')")
    audit.execute("update app.part set region = 'us'")
    ops = [
        audit.execute("select op from row_history(%s, '[1, \"us\"]')", [table]).fetchall()
        for table in ("app.part", "app.part_us")
    ]
    assert ops[0] == ops[1] != []
