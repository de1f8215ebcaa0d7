"""What is read from the WAL becomes the same blocks that sealing makes of recorded rows."""

from .capturing import capture
from .clusters import agreed
from .conftest import seal
from .test_capture import TYPES, VALUES, app, captured  # noqa: F401


def test_a_transaction_of_both_forms_in_one_seal_is_numbered_through(captured):  # noqa: F811
    captured.execute("create table app.other (id integer primary key)")
    captured.execute("select audit_table('app.other')")
    seal(captured)
    with captured.transaction():
        captured.execute("insert into app.other values (1), (2)")
        captured.execute("insert into app.item select i, 'a' from generate_series(1, 1001) as i")
    capture(captured)
    assert captured.execute(
        "select relation, count(*), count(prev_hash) from audit_log where op = 'INSERT'"
        " and seal_id is null group by 1 order by 1"
    ).fetchall() == [("app.item", 1001, 0), ("app.other", 2, 0)]
    newest = seal(captured)

    assert captured.execute(
        "select relation, min(n), max(n) from audit_log where seal_id = %s group by 1 order by 1",
        [newest],
    ).fetchall() == [("app.item", 1, 1001), ("app.other", 1002, 1003)]
    assert captured.execute(
        "select transaction_count, block_count from seals where seal_id = %s", [newest]
    ).fetchone() == (1, 3)
    assert agreed(captured) == []


def test_a_line_is_printed_as_jsonb_prints_it(app):  # noqa: F811
    app.execute(TYPES)
    columns = ", ".join(f'"c{"x" * (i % 3)}{i}" {name}' for i, name in enumerate(VALUES))
    app.execute(f"create table app.t (id integer primary key, {columns})")
    app.execute("select audit_table('app.t', capture => 'wal')")
    for i, values in enumerate(VALUES.values()):
        app.execute(f'insert into app.t (id, "c{"x" * (i % 3)}{i}") values ({i}, {values[0]})')
    app.execute("update app.t set id = id + 1000")
    capture(app)

    assert (
        app.execute(
            "select r.value::text, substr(l.line, strpos(l.line, r.value::text), 100)"
            " from audit_captured as c cross join string_to_table(c.lines, e'\\n') as l (line)"
            " cross join lateral"
            " (values (l.line::jsonb -> 'old_row'), (l.line::jsonb -> 'new_row')) as r (value)"
            " where strpos(l.line, ': ' || r.value::text) = 0"
        ).fetchall()
        == []
    )
    assert app.execute(
        "select count(*) from audit_captured as c where c.keys <> block_keys(c.lines)"
    ).fetchone() == (0,)
