"""Changes captured from the write-ahead log stand in the log as triggers would record them."""

import json

import pytest

from .capturing import capture, events, rows_of
from .conftest import findings, seal

# A value of each type that to_jsonb() treats in a way of its own, and some that look alike.
VALUES = {
    "boolean": ["true", "false", "null"],
    "smallint": ["-7", "null"],
    "bigint": ["9223372036854775807"],
    "numeric": ["'NaN'", "'Infinity'", "'-Infinity'", "1.500", "-0", "1e40"],
    "real": ["'NaN'", "'-Infinity'", "1.1", "1e-30"],
    "double precision": ["'Infinity'", "1e300", "-0.0", "0.1"],
    "text": ["''", "'null'", "'NULL'", "e'a\\nb\\t\"\\\\\\u00e9\\x01'", "'😀'", "'{\"a\": 1}'"],
    "char(4)": ["'a'"],
    "name": ["'n'"],
    '"char"': ["'x'"],
    "bytea": ["'\\x00ff'"],
    "oid": ["4294967295"],
    "date": ["'2026-11-30'", "'infinity'", "'0044-03-15 BC'"],
    "time": ["'11:02:03.5'"],
    "timetz": ["'11:02:03.5+02'"],
    "timestamp": ["'2026-11-30 11:02:03.757966'", "'-infinity'", "'0044-03-15 01:02:03 BC'"],
    "timestamptz": ["'2026-11-30 11:02:03.75+05:30'", "'infinity'", "'0044-03-15 01:02:03 BC'"],
    "interval": ["'1 year -2 days 03:04:05.6'"],
    "uuid": ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
    "inet": ["'10.0.0.1/8'"],
    "cidr": ["'10.0.0.0/8'"],
    "macaddr": ["'08:00:2b:01:02:03'"],
    "bit(3)": ["'101'"],
    "money": ["12.34"],
    "json": ['\'{"a" : [1,  2.50, null], "a": "x\\ny"}\'', "'null'", "'\"\\\\u00e9\"'", "'1e5'"],
    "jsonb": ["'{\"a\" : [1,  2.50, null]}'", "'null'", "'\"\\\\u00e9\"'", "'1E400'"],
    "xml": ["'<a>b</a>'"],
    "point": ["'(1,2.5)'"],
    "box": ["'(1,2),(3,4)'"],
    "tsvector": ["'a b:1A'"],
    "int4range": ["'[1,5)'", "'empty'"],
    "datemultirange": ["'{[2026-01-01,2026-02-01)}'"],
    "int2vector": ["'1 2'"],
    "oidvector": ["'1 2'"],
    "integer[]": ["'{}'", "'{1,null,-3}'", "'{{1,2},{3,4}}'", "'[2:3]={1,2}'"],
    "text[]": ["array['', 'null', null, 'a,b', 'a\"b\\c{}', ' x ', e'a\\nb']"],
    "box[]": ["'{(1,2),(3,4);(5,6),(7,8)}'"],
    "timestamptz[]": ["'{2026-11-30 11:02:03+00,infinity}'"],
    "jsonb[]": ['array[\'{"a": [1, "x,}"]}\'::jsonb, null]'],
    "numeric[]": ["'{NaN,1.0}'"],
    "boolean[]": ["'{t,f,null}'"],
    "app.mood": ["'so, so'", "'ok'"],
    "app.mood[]": ["'{ok,\"so, so\"}'"],
    "app.positive": ["5"],
    "app.word": ["'w'"],
    "app.positive[]": ["'{1,2}'"],
    "app.pair": [
        "row(1, 'a \"b\" (c,d) \\', array['x,y', null], null)",
        "row(null, '', '{}', row(2, now()))",
        "row(1, null, null, row(null, null))",
    ],
    "app.pair[]": ["array[row(1, 'a,\"b\"', array['q\"'], row(3, 'infinity'))::app.pair, null]"],
    "app.none": ["row()"],
}
TYPES = '''
    create type app.mood as enum ('ok', 'so, so');
    create domain app.positive as integer check (value > 0);
    create domain app.word as text;
    create type app.none as ();
    create type app.inner_part as (n numeric, "At ""it""" timestamptz);
    create type app.pair as (a integer, b text, c text[], d app.inner_part);
'''


@pytest.fixture
def app(db):
    """Yield the test's connection with an empty schema app."""
    db.execute("create schema app")
    return db


@pytest.fixture
def captured(app):
    """Yield the test's connection with a captured table app.item."""
    app.execute("create table app.item (id integer primary key, name text)")
    app.execute("select audit_table('app.item', capture => 'wal')")
    return app


def test_each_change_is_a_row_of_the_log(captured):
    captured.execute("set plumb.app_user = 'till 4'")
    captured.execute("insert into app.item values (1, 'a'), (2, null)")
    captured.execute("update app.item set id = 3, name = 'é\"\\' where id = 1")
    captured.execute("delete from app.item where id = 2")
    captured.execute("truncate app.item")

    columns = "op, record_key, new_key, old_row, new_row, actor, app_user"
    assert rows_of(captured, "app.item", columns) == [
        (*row, captured.info.user, "till 4")
        for row in [
            ("INSERT", "1", None, None, {"id": 1, "name": "a"}),
            ("INSERT", "2", None, None, {"id": 2, "name": None}),
            ("UPDATE", "1", "3", {"id": 1, "name": "a"}, {"id": 3, "name": 'é"\\'}),
            ("DELETE", "2", None, {"id": 2, "name": None}, None),
            ("TRUNCATE", None, None, None, None),
        ]
    ]
    assert findings(captured) == []
    assert events(captured) == []


def test_a_value_of_every_type_reads_as_to_jsonb_writes_it(app):
    app.execute(TYPES)
    columns = ", ".join(f"c{i} {name}" for i, name in enumerate(VALUES))
    app.execute(f"create table app.t (id integer primary key, {columns})")
    app.execute("select audit_table('app.t', capture => 'wal')")
    app.execute(
        "set timezone = 'Asia/Kolkata'; set datestyle = 'German'; set extra_float_digits = -2"
    )
    number = 0
    for i, values in enumerate(VALUES.values()):
        for value in values:
            number += 1
            app.execute(f"insert into app.t (id, c{i}) values ({number}, {value})")
    capture(app)
    app.execute("reset timezone; reset datestyle; reset extra_float_digits; set timezone = 'UTC'")

    differing = app.execute(
        "select l.new_row - '', to_jsonb(t.*) from audit_log as l"
        " left join app.t as t on t.id::text = l.record_key"
        " where l.relation = 'app.t' and l.op = 'INSERT'"
        " and l.new_row - '' is distinct from to_jsonb(t.*)"
    ).fetchall()
    counted = app.execute(
        "select count(*) from audit_log where relation = 'app.t' and op = 'INSERT'"
    ).fetchone()
    assert [{k: (v, b[k]) for k, v in a.items() if b[k] != v} for a, b in differing] == []
    assert counted == (number,)


def test_a_cast_to_json_is_used_and_a_failing_one_stops_nothing(app):
    app.execute(
        "create type app.kind as enum ('ok', 'bad');"
        " create function app.say(app.kind) returns json immutable language sql"
        " as $$ select case $1::text when 'bad' then to_json(1 / ($1::text = 'ok')::int)"
        " else json_build_object('kind', $1::text) end $$;"
        " create cast (app.kind as json) with function app.say;"
        " create table app.t (id integer primary key, kind app.kind)"
    )
    app.execute("select audit_table('app.t', capture => 'wal')")
    app.execute("insert into app.t values (1, 'ok'), (2, 'bad'), (3, null)")

    assert [row["kind"] for (row,) in rows_of(app, "app.t", "new_row")] == [
        {"kind": "ok"},
        "bad",
        None,
    ]


def test_json_that_jsonb_cannot_hold_stands_as_a_string(app):
    app.execute("create table app.t (id integer primary key, j json)")
    app.execute("select audit_table('app.t', capture => 'wal')")
    texts = ['{"a": "\\u0000"}', '"\\ud800"', "1e999999", '"\\u0041"']
    for i, text in enumerate(texts):
        app.execute("insert into app.t values (%s, %s)", [i, text])

    assert [row["j"] for (row,) in rows_of(app, "app.t", "new_row")] == [*texts[:3], "A"]


def test_a_large_value_that_an_update_left_alone_is_there_before_and_after(app):
    app.execute("create table app.t (id integer primary key, n integer, big text)")
    app.execute("alter table app.t alter big set storage external")
    app.execute("select audit_table('app.t', capture => 'wal')")
    app.execute("insert into app.t values (1, 1, repeat('x', 32000))")
    app.execute("update app.t set n = 2")

    assert [
        (len(old["big"]), len(new["big"]), new["n"])
        for (old, new) in rows_of(app, "app.t", "old_row, new_row")[1:]
    ] == [(32000, 32000, 2)]


def test_columns_are_left_out_and_masked_as_they_were_when_a_row_was_written(app):
    app.execute(
        "create table app.t (id integer primary key, a text, b text,"
        " g integer generated always as (id * 2) stored)"
    )
    app.execute("select audit_table('app.t', '{a}', capture => 'wal')")
    app.execute("insert into app.t values (1, 'x', 'y')")
    app.execute("select audit_table('app.t', '{}', '{a,b}')")
    app.execute("insert into app.t values (2, 'x', null)")

    assert rows_of(app, "app.t", "new_row") == [
        ({"id": 1, "b": "y"},),
        ({"id": 2, "a": "***", "b": None},),
    ]


def test_a_row_has_the_columns_and_the_name_that_its_table_had(captured):
    captured.execute("insert into app.item values (1, 'a')")
    captured.execute("alter table app.item add x integer default 7")
    captured.execute("insert into app.item values (2, 'b')")
    captured.execute("alter table app.item drop name")
    captured.execute("insert into app.item values (3, 8)")
    captured.execute("alter table app.item rename x to y")
    captured.execute('alter table app.item rename to "It""em."')
    captured.execute('insert into app."It""em." values (4, 9)')

    assert rows_of(captured, "app.item", "new_row") == [
        ({"id": 1, "name": "a"},),
        ({"id": 2, "name": "b", "x": 7},),
        ({"id": 3, "x": 8},),
    ]
    assert rows_of(captured, 'app."It""em."', "new_row") == [({"id": 4, "y": 9},)]


@pytest.fixture
def parted(app):
    """Yield the test's connection with a captured table in two partitions, one of them in parts."""
    app.execute(
        'create table app."Part" (id integer, region text, v text, primary key (id, region))'
        " partition by list (region);"
        " create table app.eu partition of app.\"Part\" for values in ('eu');"
        ' create table app."U.S" (v text, region text not null, id integer not null);'
        ' alter table app."Part" attach partition app."U.S" for values in (\'us\')'
    )
    app.execute("""select audit_table('app."Part"', capture => 'wal')""")
    return app


def test_rows_of_partitions_are_rows_of_the_table(parted):
    parted.execute("""insert into app."Part" values (1, 'eu', 'a'), (2, 'us', 'b')""")
    parted.execute("""insert into app."U.S" values ('c', 'us', 3)""")
    parted.execute("""update app."Part" set region = 'us' where id = 1""")
    parted.execute("""create table app.asia partition of app."Part" for values in ('asia')""")
    parted.execute("""insert into app."Part" values (4, 'asia', 'd')""")
    parted.execute("""update app."Part" set v = 'e' where id = 4""")

    assert rows_of(parted, 'app."Part"', "op, record_key, old_row ->> 'v', new_row ->> 'v'") == [
        ("INSERT", '[1, "eu"]', None, "a"),
        ("INSERT", '[2, "us"]', None, "b"),
        ("INSERT", '[3, "us"]', None, "c"),
        ("DELETE", '[1, "eu"]', "a", None),
        ("INSERT", '[1, "us"]', None, "a"),
        ("INSERT", '[4, "asia"]', None, "d"),
        ("UPDATE", '[4, "asia"]', "d", "e"),
    ]
    assert events(parted) == []


def test_a_truncated_partition_says_which_rows_went(parted):
    parted.execute("""insert into app."Part" values (1, 'eu', 'a'), (2, 'us', 'b')""")
    parted.execute("truncate app.eu")
    parted.execute("truncate app.eu")
    parted.execute("""insert into app."Part" values (3, 'eu', 'c')""")
    parted.execute("""truncate app."Part" """)

    assert rows_of(parted, 'app."Part"', "op, record_key, old_row")[2:] == [
        ("DELETE", '[1, "eu"]', {"id": 1, "region": "eu", "v": "a"}),
        ("INSERT", '[3, "eu"]', None),
        ("TRUNCATE", None, None),
    ]
    assert events(parted) == []


def test_a_partition_emptied_unseen_asks_for_a_baseline(parted):
    parted.execute("""insert into app."Part" values (1, 'eu', 'a')""")
    parted.execute("alter table app.eu disable trigger all")
    parted.execute("truncate app.eu")
    capture(parted)

    assert ("partition_emptied", 'app."Part"', "app.eu") in events(parted)
    assert parted.execute(
        "select needs_baseline from audited_tables where capture = 'wal'"
    ).fetchone() == (True,)


def test_a_row_that_is_too_large_to_be_said_asks_for_a_baseline(parted):
    parted.execute(
        """insert into app."Part" values (1, 'eu', 'a'), (2, 'eu', repeat('x', 65000))"""
    )
    parted.execute("truncate app.eu")

    assert rows_of(parted, 'app."Part"', "op, record_key")[2:] == [("DELETE", '[1, "eu"]')]
    assert ("partition_emptied", 'app."Part"', "app.eu") in events(parted)


def test_what_was_rolled_back_is_not_there_and_what_was_prepared_comes_with_its_commit(captured):
    with captured.transaction():
        captured.execute("insert into app.item values (1, 'a')")
        captured.execute("savepoint s")
        captured.execute("insert into app.item values (2, 'b')")
        captured.execute("rollback to s")
        captured.execute("insert into app.item values (3, 'c')")
    captured.execute("begin; insert into app.item values (4, 'd'); prepare transaction 'p'")
    before = rows_of(captured, "app.item", "record_key")
    captured.execute("commit prepared 'p'")

    assert before == [("1",), ("3",)]
    assert rows_of(captured, "app.item", "record_key") == [("1",), ("3",), ("4",)]


def test_a_transaction_of_both_forms_keeps_its_number(captured, connect):
    captured.execute("create table app.other (id integer primary key)")
    captured.execute("select audit_table('app.other')")
    with captured.transaction():
        captured.execute("insert into app.other values (1)")
        captured.execute("insert into app.item values (1, 'a')")
        (txid,) = captured.execute("select pg_current_xact_id()::text").fetchone()
    capture(captured)
    seal(captured)

    assert captured.execute(
        "select relation, txid::text, seal_id is not null from audit_log"
        " where op = 'INSERT' order by relation"
    ).fetchall() == [("app.item", txid, True), ("app.other", txid, True)]
    assert findings(captured) == []


def test_a_replica_role_and_a_trigger_switched_off_leave_rows_without_actor(captured):
    captured.execute("set session_replication_role = replica")
    captured.execute("insert into app.item values (1, 'a')")
    captured.execute("reset session_replication_role")
    assert rows_of(captured, "app.item", "record_key, actor") == [("1", captured.info.user)]
    assert events(captured) == []

    captured.execute("alter table app.item disable trigger all")
    captured.execute("insert into app.item values (2, 'b')")
    assert rows_of(captured, "app.item", "record_key, actor")[1:] == [("2", "")]
    assert ("actor_missing", "app.item", None) in events(captured)


def test_a_log_of_both_forms_is_sealed_in_the_order_of_the_commits(captured, connect):
    other = connect()
    other.execute("begin")
    other.execute("insert into app.item values (1, 'first')")
    captured.execute("insert into app.item values (2, 'second')")
    other.execute("commit")
    captured.execute("update app.item set name = 'third' where id = 1")

    assert rows_of(captured, "app.item", "record_key, new_row ->> 'name'") == [
        ("2", "second"),
        ("1", "first"),
        ("1", "third"),
    ]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_reading_in_steps_of_any_size_takes_each_change_once(captured, size):
    for i in range(20):
        captured.execute("insert into app.item values (%s, 'x')", [i])
    for _ in range(60):
        captured.execute("select advance_slot(through_lsn) from audit_capture")
        captured.execute("select capture_audit(%s)", [size])

    assert rows_of(captured, "app.item", "record_key") == [(str(i),) for i in range(20)]


def test_a_reading_that_is_rolled_back_is_done_again(captured):
    captured.execute("insert into app.item values (1, 'a')")
    with captured.transaction(force_rollback=True):
        capture(captured)
        captured.execute("insert into app.item values (2, 'b')")
        capture(captured)

    assert rows_of(captured, "app.item", "record_key") == [("1",)]


def test_the_slot_does_not_keep_what_nobody_captures(captured):
    captured.execute("create table app.noise (v text)")
    query = "select pg_current_wal_lsn() - confirmed_flush_lsn from pg_replication_slots"
    kept = []
    for _ in range(5):
        captured.execute(
            "insert into app.noise select repeat('x', 1000) from generate_series(1, 3000)"
        )
        capture(captured)
        kept.append(int(captured.execute(query).fetchone()[0]))

    assert max(kept) < 8_000_000, kept


def test_a_setting_of_a_session_changes_nothing(captured):
    captured.execute("set client_encoding = 'LATIN1'")
    captured.execute("insert into app.item values (1, 'é')")
    capture(captured)
    captured.execute("set client_encoding = 'UTF8'")

    assert rows_of(captured, "app.item", "new_row") == [({"id": 1, "name": "é"},)]
    assert json.dumps(events(captured)) == "[]"
