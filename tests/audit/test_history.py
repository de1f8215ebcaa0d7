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
