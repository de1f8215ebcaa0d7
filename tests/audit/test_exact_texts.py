"""What JSON does not tell apart is in the log as its exact text, in both forms of the log."""

import pytest

from .conftest import behind_the_triggers, seal

# A type, what a column of it held, and what somebody put in its place.
PAIRS = {
    "sign of zero": ("double precision", "0", "-0"),
    "sign of a small zero": ("real", "-0", "0"),
    "null of jsonb": ("jsonb", None, "null"),
    "null of json": ("json", "null", None),
    "a string is no null": ("jsonb", '"null"', "null"),
    "blanks of json": ("json", '{"a": 1}', '{"a":1}'),
    "bounds of an array": ("integer[]", "{1,2}", "[0:1]={1,2}"),
    "sign inside an array": ("double precision[]", "{0,1.5}", "{-0,1.5}"),
    "null inside an array": ("jsonb[]", "{NULL}", '{"null"}'),
    "inside a composite type": ("app.made", "(-0,null,)", "(0,null,)"),
    "array inside of it": ("app.made", "(1,,{1})", "(1,,[3:3]={1})"),
    "of a domain": ("app.checked", "-0", "0"),
    "what a cast leaves out": ("app.shape", "(1,2)", "(1,3)"),
}


@pytest.fixture
def app(db):
    db.execute("create schema app")
    db.execute("create type app.made as (f double precision, j jsonb, a integer[])")
    db.execute("create domain app.checked as double precision")
    db.execute("create type app.shape as (x integer, y integer)")
    db.execute(
        "create function app.told(app.shape) returns json language sql immutable"
        " as 'select to_json(($1).x)'"
    )
    db.execute("create cast (app.shape as json) with function app.told(app.shape)")
    return db


def test_it_is_logged_found_and_undone(app, form):
    columns = [f"v{i}" for i in range(len(PAIRS))]
    kinds, before, after = zip(*PAIRS.values(), strict=True)
    app.execute("create table app.item (note text, id integer primary key)")
    for column, kind in zip(columns, kinds, strict=True):
        app.execute(f"alter table app.item add column {column} {kind}")
    app.execute("alter table app.item drop column note")
    app.execute("select audit_table('app.item')")
    for number in range(len(columns)):
        app.execute(f"insert into app.item values (%s{', %s' * len(columns)})", [number, *before])
    for number, column in enumerate(columns):
        app.execute(f"update app.item set {column} = %s where id = %s", [after[number], number])
    app.execute("update app.item set id = id")
    seal(app)
    texts = ", ".join(f"{column}::text" for column in columns)
    held = f"select {texts} from app.item order by id"
    for number, row in enumerate(app.execute(held).fetchall()):
        assert row == (*before[:number], after[number], *before[number + 1 :])
    reconcile = "select kind, record_key from reconcile_audit('app.item', %s) order by 2"
    assert app.execute(reconcile, ["full"]).fetchall() == []
    assert app.execute(reconcile, ["changes"]).fetchall() == []

    for number, column in enumerate(columns):
        changed = app.execute(
            "select changed_columns, txid from row_history('app.item', %s) where op = 'UPDATE'",
            [str(number)],
        ).fetchall()
        assert [names for names, _ in changed] == [[column], []]
        shown = app.execute(
            "select column_name, old_value is not distinct from new_value"
            " from row_changes('app.item', %s) where op = 'UPDATE' and column_name is not null",
            [str(number)],
        ).fetchall()
        # A string "null" is shown like the null of JSON.
        assert shown == [(column, kinds[number] == "jsonb" and before[number] == '"null"')]
        script = "select statement from undo_transaction(%s)"
        for (statement,) in app.execute(script, [changed[0][1]]).fetchall():
            app.execute(statement)
    assert set(app.execute(held).fetchall()) == {before}

    seal(app)
    for number, column in enumerate(columns):
        behind_the_triggers(
            app,
            f"update app.item set {column} = %s where id = %s",
            "app.item",
            [after[number], number],
        )
    found = [("row_differs", str(number)) for number in range(len(columns))]
    assert app.execute(reconcile, ["changes"]).fetchall() == sorted(found)
    found.append(("table_differs", None))
    assert app.execute(reconcile, ["full"]).fetchall() == sorted(found, key=lambda f: f[1] or "x")


@pytest.mark.of_one_form
def test_both_forms_record_the_same(app):
    values = [value for kind, *pair in PAIRS.values() for value in pair]
    columns = ", ".join(f"v{i} {PAIRS[name][0]}" for i, name in enumerate(PAIRS))
    rows = []
    for capture in ("trigger", "wal"):
        table = f"app.by_{capture}"
        app.execute(f"create table {table} (id integer primary key, {columns})")
        app.execute(f"select audit_table('{table}', capture => %s)", [capture])
        for number, place in enumerate((0, 1)):
            app.execute(
                f"insert into {table} values (%s{', %s' * len(PAIRS)})",
                [number, *values[place::2]],
            )
        app.execute("select capture_audit()")
        seal(app)
        rows.append(
            app.execute(
                "select new_row::text from audit_log where relation = %s and op = 'INSERT'"
                " order by position",
                [table],
            ).fetchall()
        )

    assert rows[0] == rows[1]
    assert all('{"": {' in row for (row,) in rows[0])


def test_what_is_hidden_has_no_exact_text(app):
    app.execute("create table app.item (id integer primary key, secret json, hidden json, f real)")
    app.execute("select audit_table('app.item', '{hidden}', '{secret}')")
    app.execute("insert into app.item values (1, '\"pw\"', '\"pw\"', '-0')")
    seal(app)
    query = "select new_row from log_of('app.item', '1')"
    assert app.execute(query).fetchone()[0] == {
        "": {"f": "-0"},
        "id": 1,
        "f": 0,
        "secret": "***",
    }

    app.execute("select redact_audit('app.item', '1', '{f}', 'because')")

    assert app.execute(query).fetchone()[0] == {"id": 1, "secret": "***"}
    assert app.execute("select * from verify_audit()").fetchall() == []


def test_a_baseline_has_them(app):
    app.execute("create table app.item (id integer primary key, f real)")
    app.execute("insert into app.item values (1, '-0')")
    app.execute("select audit_table('app.item')")
    seal(app)
    assert app.execute("select row_as_of('app.item', '1', 'infinity')").fetchone()[0] == {
        "": {"f": "-0"},
        "id": 1,
        "f": 0,
    }
    app.execute("alter table app.item rename f to g")
    assert app.execute("select compare_audit('app.item')").fetchall() == []
    behind_the_triggers(app, "update app.item set g = 0", "app.item")
    found = app.execute("select kind, columns from compare_audit('app.item')").fetchall()
    assert found == [("row_differs", ["g"])]


def test_a_table_of_an_earlier_version_goes_on_as_it_was(app):
    app.execute("create table app.item (id integer primary key, j json)")
    app.execute("update audited_tables set is_exact = false")
    app.execute("select audit_table('app.item')")
    app.execute("update audited_tables set is_exact = false, exact_pattern = '{}'")
    app.execute("select attach_audit('app.item')")
    app.execute("insert into app.item values (1, 'null')")
    app.execute("alter table app.item add column k json")
    seal(app)
    assert app.execute("select * from reconcile_audit('app.item')").fetchall() == []
    assert app.execute("select * from check_audit()").fetchall() == []

    report = app.execute("select audit_table('app.item')").fetchone()[0]

    assert report == "app.item is audited, baseline of 1 rows"
    seal(app)
    assert app.execute("select * from reconcile_audit('app.item')").fetchall() == []
    assert app.execute("select * from check_audit()").fetchall() == []
    exact = "select exact_pattern from audited_tables where is_exact"
    assert app.execute(exact).fetchall() == [({"j": "", "k": ""},)]


def test_a_row_without_a_key_has_none_whatever_its_values(app, form):
    app.execute("create table app.loose (f double precision)")
    app.execute("select audit_table('app.loose')")
    app.execute("insert into app.loose values ('-0')")
    app.execute("update app.loose set f = '-0'")
    query = "select record_key, new_key from audit_log where relation = 'app.loose'"
    unsealed = app.execute(query).fetchall()
    seal(app)

    assert set(unsealed) == set(app.execute(query).fetchall()) == {(None, None)}
