"""Each statement is recorded as a whole, once, whatever its size, its role and its columns."""

import pytest

from .conftest import logged, seal


@pytest.mark.parametrize("role", ["replica", "local", "origin"])
def test_every_replication_role_logs_a_change_once(audit, connect, role):
    session = connect()
    session.execute(f"set session_replication_role = {role}")
    session.execute("insert into app.item values (1), (2)")
    session.execute("update app.item set name = 'b'")
    session.execute("delete from app.item where id = 1")
    with session.cursor().copy("copy app.item (id) from stdin") as copy:
        copy.write("3\n")
    session.execute("insert into app.part values (1, 'eu', 'a')")
    session.execute("delete from app.part_eu")
    assert [row[0] for row in logged(audit, "app.item")] == (
        ["INSERT", "INSERT", "UPDATE", "UPDATE", "DELETE", "INSERT"]
    )
    assert [row[0] for row in logged(audit, "app.part")] == ["INSERT", "DELETE"]


@pytest.mark.parametrize("rows", [1, 2, 3, 1000])
def test_rows_of_an_update_are_logged_side_by_side(audit, rows):
    audit.execute("insert into app.item select g, g::text from generate_series(1, %s) g", [rows])
    # Every row takes the key of another one.
    audit.execute("update app.item set id = id + %s, name = id::text || '!'", [rows])
    pairs = logged(audit, "app.item", "op, old_row ->> 'id', old_row ->> 'name', new_row")[rows:]
    assert len(pairs) == rows
    for op, key, name, new_row in pairs:
        assert (op, name) == ("UPDATE", key)
        assert (new_row["id"], new_row["name"]) == (int(key) + rows, f"{key}!")


def test_an_update_too_large_for_an_array_is_logged_side_by_side(audit):
    audit.execute("alter table app.item alter name set storage external")
    audit.execute("insert into app.item select g, 'small' from generate_series(1, 60) g")
    audit.execute("update app.item set name = repeat(id::text, 1000000 / length(id::text))")
    pairs = logged(
        audit, "app.item", "record_key, left(new_row ->> 'name', 2), length(new_row ->> 'name')"
    )[60:]
    assert pairs == [(str(key), (str(key) * 2)[:2], 1000000) for key in range(1, 61)]


def test_columns_named_like_what_the_triggers_read_hide_nothing(audit):
    names = ("o", "n", "u", "old_rows", "new_rows", "old_row", "new_row")
    columns = ", ".join(f"{name} integer default 1" for name in names)
    audit.execute(f"create table app.odd (id integer primary key, {columns})")
    audit.execute("select audit_table('app.odd')")
    seal(audit)
    audit.execute("insert into app.odd (id) values (1), (2), (3)")
    audit.execute("update app.odd set o = 2, new_rows = 3")
    audit.execute("delete from app.odd")
    rows = logged(audit, "app.odd")
    for row in (row for _op, _key, *pair in rows[1:] for row in pair if row):
        assert set(row) == {"id", *names}
    assert [op for op, *_rest in rows[-9:]] == ["INSERT"] * 3 + ["UPDATE"] * 3 + ["DELETE"] * 3
