"""Any row can be read as it was, with who made it so."""


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
