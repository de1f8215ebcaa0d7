"""Every change of an audited table is in the log, however it was made."""

import psycopg
import pytest

from .conftest import findings, logged, seal


def test_insert_update_delete_are_logged_with_their_rows(audit):
    audit.execute("insert into app.item values (1, 'a', 1.50)")
    audit.execute("update app.item set price = 2 where id = 1")
    audit.execute("delete from app.item")
    assert [(op, key, bool(o), bool(n)) for op, key, o, n in logged(audit, "app.item")] == [
        ("INSERT", "1", False, True),
        ("UPDATE", "1", True, True),
        ("DELETE", "1", True, False),
    ]


def test_a_large_statement_is_one_chain(audit):
    audit.execute("insert into app.item select i, 'n' || i from generate_series(1, 3500) as i")
    audit.execute("update app.item set name = name || '!'")
    audit.execute("delete from app.item where id > 10")
    counts = audit.execute(
        "select op, count(*), min(n), max(n) from audit_log"
        " where relation = 'app.item' and op in ('INSERT', 'UPDATE', 'DELETE')"
        " group by 1 order by 1"
    ).fetchall()
    assert counts == [
        ("DELETE", 3490, 1, 3490),
        ("INSERT", 3500, 1, 3500),
        ("UPDATE", 3500, 1, 3500),
    ]
    seal(audit)
    assert findings(audit) == []


def test_bulk_update_pairs_each_old_row_with_its_new_one(audit):
    audit.execute("insert into app.item select i, 'n' || i from generate_series(1, 2500) as i")
    audit.execute("update app.item set id = id + 100000, name = 'x' || name")
    assert audit.execute(
        "select count(*) from audit_log where op = 'UPDATE'"
        " and (new_row ->> 'id')::int = (old_row ->> 'id')::int + 100000"
        " and new_row ->> 'name' = 'x' || (old_row ->> 'name')"
    ).fetchone() == (2500,)


def test_an_update_of_the_key_is_found_under_both_keys(audit):
    audit.execute("insert into app.item values (1, 'a')")
    audit.execute("update app.item set id = 2")
    for _ in range(2):
        assert logged(audit, "app.item", "op, record_key, new_key") == [
            ("INSERT", "1", None),
            ("UPDATE", "1", "2"),
        ]
        for key in ("1", "2"):
            assert ("UPDATE",) in audit.execute(
                "select op from log_of('app.item', %s)", [key]
            ).fetchall()
        seal(audit)


@pytest.mark.parametrize("count", [1, 3, 100, 101, 250])
def test_few_rows_and_many_are_written_alike(audit, count):
    audit.execute(
        "create table app.seat (hall text, n int, guest text, note text, primary key (hall, n))"
    )
    audit.execute("select plumb.audit_table('app.seat', array['note'], array['guest'])")
    with audit.transaction():
        audit.execute(
            "insert into app.seat select 'a', i, 'Bo', 'x' from generate_series(1, %s) as i",
            [count],
        )
        audit.execute("update app.seat set hall = 'b' where n > 1")
        audit.execute("update app.seat set note = 'y' where hall = 'c'")
        audit.execute("delete from app.seat")
    rows = audit.execute(
        "select op, record_key, old_row, new_row from audit_log where relation = 'app.seat'"
        " and op in ('INSERT', 'UPDATE', 'DELETE') order by n"
    ).fetchall()

    def key(hall, n):
        return f'["{hall}", {n}]'

    def row(hall, n):
        return {"hall": hall, "n": n, "guest": "***"}

    moved = range(2, count + 1)
    inserted, updated, deleted = rows[:count], rows[count:-count], rows[-count:]
    assert inserted == [("INSERT", key("a", n), None, row("a", n)) for n in range(1, count + 1)]
    assert {r[0] for r in updated} <= {"UPDATE"}
    assert sorted(r[1:] for r in updated) == sorted(
        (key("a", n), row("a", n), row("b", n)) for n in moved
    )
    assert {r[1] for r in deleted} == {key("a", 1), *(key("b", n) for n in moved)}
    seal(audit)
    assert findings(audit) == []


def test_composite_key_is_a_json_array_in_key_order(audit):
    audit.execute("insert into app.pair values (1, 'x')")
    assert logged(audit, "app.pair", "record_key") == [('["x", 1]',)]


def test_a_table_without_key_is_logged(audit):
    audit.execute("insert into app.loose values (1), (1)")
    audit.execute("delete from app.loose")
    assert [r[:2] for r in logged(audit, "app.loose")] == [
        ("INSERT", None),
        ("INSERT", None),
        ("DELETE", None),
        ("DELETE", None),
    ]


def test_merge_copy_and_on_conflict_are_logged(audit):
    audit.execute("insert into app.item values (1, 'a'), (2, 'b')")
    audit.execute(
        "merge into app.item as i using (values (1, 'm'), (3, 'n')) as s (id, name)"
        " on i.id = s.id when matched then update set name = s.name"
        " when not matched then insert (id, name) values (s.id, s.name)"
    )
    with audit.cursor().copy("copy app.item (id, name) from stdin") as copy:
        copy.write_row((4, "c"))
    audit.execute(
        "insert into app.item values (4, 'd'), (5, 'e')"
        " on conflict (id) do update set name = excluded.name"
    )
    audit.execute("insert into app.item values (5, 'f') on conflict do nothing")
    assert sorted(r[:2] for r in logged(audit, "app.item")[2:]) == [
        ("INSERT", "3"),
        ("INSERT", "4"),
        ("INSERT", "5"),
        ("UPDATE", "1"),
        ("UPDATE", "4"),
    ]


def test_a_cascade_is_logged_where_it_arrives(audit):
    audit.execute(
        "create table app.child (id integer primary key,"
        " item_id integer references app.item on delete cascade)"
    )
    audit.execute("select audit_table('app.child')")
    audit.execute("insert into app.item values (1)")
    audit.execute("insert into app.child values (10, 1)")
    audit.execute("delete from app.item")
    assert logged(audit, "app.child", "op, record_key")[-1] == ("DELETE", "10")


def test_truncate_is_one_row(audit):
    audit.execute("insert into app.item values (1), (2)")
    audit.execute("truncate app.item")
    assert [r[0] for r in logged(audit, "app.item")] == ["INSERT", "INSERT", "TRUNCATE"]


def test_partitions_are_logged_under_the_table(audit):
    audit.execute("insert into app.part values (1, 'eu', 'a')")
    audit.execute("insert into app.part_us values (2, 'us', 'b')")
    audit.execute("update app.part set region = 'us' where id = 1")
    audit.execute("delete from app.part_us where id = 2")
    rows = logged(audit, "app.part")
    assert [r[0] for r in rows] == ["INSERT", "INSERT", "UPDATE", "DELETE"]
    assert (rows[2][2]["region"], rows[2][3]["region"]) == ("eu", "us")


def test_truncating_one_partition_logs_its_rows_and_truncating_all_only_once(audit):
    audit.execute("insert into app.part values (1, 'eu'), (2, 'us')")
    audit.execute("truncate app.part_eu")
    audit.execute("truncate app.part")
    assert [r[:2] for r in logged(audit, "app.part")[2:]] == [
        ("DELETE", '[1, "eu"]'),
        ("TRUNCATE", None),
    ]


def test_a_new_partition_is_covered(audit):
    audit.execute("create table app.part_as partition of app.part for values in ('as')")
    audit.execute("create table app.part_af (like app.part)")
    audit.execute("alter table app.part attach partition app.part_af for values in ('af')")
    audit.execute("insert into app.part_as values (1, 'as')")
    audit.execute("insert into app.part_af values (2, 'af')")
    assert [r[0] for r in logged(audit, "app.part")] == ["INSERT", "INSERT"]
    assert audit.execute("select * from check_audit()").fetchall() == []


def test_rolled_back_work_leaves_no_trace_and_no_gap(audit):
    with audit.transaction():
        audit.execute("insert into app.item values (1)")
        with pytest.raises(psycopg.errors.DivisionByZero), audit.transaction():
            audit.execute("insert into app.item values (2)")
            audit.execute("select 1 / 0")
        audit.execute("insert into app.item values (3)")
    assert logged(audit, "app.item", "record_key, n") == [("1", 1), ("3", 2)]
    seal(audit)
    assert findings(audit) == []


def test_who_did_it_is_the_login_and_the_application_s_user(audit, connect):
    session = connect(application_name="till 4")
    session.execute("insert into app.item values (1)")
    session.execute("set plumb.app_user = 'alice'")
    session.execute("insert into app.item values (2)")
    assert logged(audit, "app.item", "actor, app_user") == [
        ("postgres", "till 4"),
        ("postgres", "alice"),
    ]


def test_an_application_without_rights_on_the_log_writes_it(audit, connect):
    audit.execute("grant usage on schema app to retail_app")
    audit.execute("grant insert on app.item to retail_app")
    session = connect()
    session.execute("set role retail_app")
    session.execute("insert into app.item values (1)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("select * from plumb.audit_log")
    assert len(logged(audit, "app.item")) == 1


def test_readers_do_not_see_rows_but_auditors_do(audit):
    audit.execute("set role plumb_reader")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        audit.execute("select * from audit_log")
    for table in ("audit_blocks", "audit_blocks_0", "audit_captured", "audit_intake", "audit_rows"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            audit.execute(f"select * from {table}")
    audit.execute("select * from seals")
    audit.execute("reset role")
    audit.execute("set role plumb_auditor")
    audit.execute("select * from audit_log")


@pytest.mark.parametrize(
    "asked",
    [
        "select * from row_history('app.item', '1')",
        "select row_as_of('app.item', '1', now())",
        "select * from changes(0, 1)",
        "select count(*) from verify_audit() having count(*) = 0",
        "select * from seals",
    ],
)
def test_an_auditor_reads_and_verifies_the_log(audit, asked):
    audit.execute("insert into app.item values (1, 'a')")
    with audit.transaction():
        audit.execute("update app.item set id = 2")
        audit.execute("update app.item set id = 1")
    seal(audit)
    audit.execute("grant usage on schema app to plumb_auditor")
    audit.execute("set role plumb_auditor")
    assert audit.execute(asked).fetchall()


def test_an_operator_verifies_what_he_may_not_read(audit):
    audit.execute("set role plumb_operator")
    assert audit.execute("select * from verify_audit()").fetchall() == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        audit.execute("select * from audit_log")


@pytest.mark.parametrize(
    "setting",
    ["TimeZone = 'Asia/Kolkata'", "DateStyle = 'German'", "client_encoding = 'LATIN1'"],
)
def test_a_session_s_formats_do_not_change_what_is_logged(audit, connect, setting):
    session = connect()
    session.execute(f"set {setting}")
    before = session.execute("show TimeZone").fetchone()
    session.execute("insert into app.item values (1, 'ä', 1, '2026-01-02 03:04:05+00')")
    assert session.execute("show TimeZone").fetchone() == before
    assert logged(audit, "app.item", "new_row ->> 'seen_at'") == [("2026-01-02T03:04:05+00:00",)]


def test_formats_of_every_kind_are_pinned(audit, connect):
    audit.execute(
        "create table app.kinds (id integer primary key, f float8, b bytea, i interval,"
        " r tstzrange, m money)"
    )
    audit.execute("select audit_table('app.kinds')")
    plain = connect()
    odd = connect()
    odd.execute("set TimeZone = 'Asia/Kolkata'; set DateStyle = 'SQL, DMY'")
    odd.execute("set IntervalStyle = 'iso_8601'; set bytea_output = 'escape'")
    odd.execute("set extra_float_digits = -10")
    for key, session in enumerate((plain, odd)):
        session.execute(
            "insert into app.kinds values (%s, 0.1::float8 + 0.2, '\\x00ff', '1 day 2 hours',"
            " '[2026-01-02 00:00+00, 2026-03-04 00:00+00)', 1.5)",
            [key],
        )
    first, second = logged(audit, "app.kinds", "new_row - 'id'")
    assert first == second
    assert odd.execute("show bytea_output").fetchone() == ("escape",)


def test_excluded_and_masked_columns_stay_out_of_the_log(audit):
    audit.execute("create table app.person (id int primary key, name text, pin text, note text)")
    audit.execute("select audit_table('app.person', '{pin}', '{name}')")
    audit.execute("insert into app.person values (1, 'Ada', '1234', 'x'), (2, null, '1', 'y')")
    assert logged(audit, "app.person", "new_row") == [
        ({"id": 1, "name": "***", "note": "x"},),
        ({"id": 2, "name": None, "note": "y"},),
    ]


@pytest.mark.parametrize("table", ["audit_blocks", "audit_captured", "audit_intake", "seals"])
@pytest.mark.parametrize("statement", ["update {} set txid = txid", "delete from {}"])
def test_the_log_refuses_to_be_changed(audit, table, statement):
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        audit.execute(
            statement.format(table).replace("seals set txid = txid", "seals set format = 3")
        )


@pytest.mark.parametrize(
    "table",
    ["audit_blocks", "audit_blocks_0", "audit_intake", "audit_rows", "seals", "audit_transactions"],
)
def test_the_log_refuses_truncate_even_for_the_replica_role(audit, table):
    audit.execute("set session_replication_role = replica")
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        audit.execute(f"truncate {table}")


@pytest.mark.parametrize(
    ("call", "state"),
    [
        ("audit_table(null)", "PL002"),
        ("audit_table('plumb.settings')", "PL002"),
        ("audit_table('app.part_eu')", "PL002"),
        ("audit_table('app.item', '{nope}')", "PL001"),
        ("audit_table('app.item', '{id}')", "PL002"),
        ("audit_table('app.item', p_baseline => 'x')", "PL002"),
        ("unaudit_table('pg_class')", "PL001"),
    ],
)
def test_bad_input_is_refused_with_a_reason(audit, call, state):
    with pytest.raises(psycopg.Error) as error:
        audit.execute(f"select {call}")
    assert error.value.sqlstate == state
    assert error.value.diag.message_hint


def test_unaudit_ends_logging_and_says_so(audit):
    audit.execute("select unaudit_table('app.item')")
    audit.execute("insert into app.item values (1)")
    assert logged(audit, "app.item") == []
    assert logged(audit, "plumb.audited_tables", "op, record_key")[-1] == ("UNAUDIT", "app.item")


def test_auditing_again_changes_nothing(audit):
    before = audit.execute("select count(*) from audit_log").fetchone()
    audit.execute("select audit_table('app.item')")
    assert audit.execute("select count(*) from audit_log").fetchone() == before


def test_no_setting_of_a_session_leads_to_a_finding(audit, connect):
    forger = connect()
    with forger.transaction():
        (txid,) = forger.execute("select pg_current_xact_id()::text").fetchone()
        forger.execute("insert into app.item values (1)")
        for state in (
            f"{txid} 0 5000 {'ab' * 32} x",
            f"{txid} 40000 0 abcd x",
            "1 0 7 \\x00 x",
            "",
        ):
            forger.execute("select set_config('plumb.audit_state', %s, true)", [state])
            forger.execute("insert into app.item select max(id) + 1 from app.item")
        forger.execute("reset all; insert into app.item values (90)")
        forger.execute("discard plans; set local session_replication_role = replica")
        forger.execute("update app.item set name = 'x' where id = 90")
    seal(audit)
    assert findings(audit) == []
    assert audit.execute("select * from reconcile_audit('app.item')").fetchall() == []
    assert [r[:2] for r in logged(audit, "app.item")] == [
        *[("INSERT", str(key)) for key in (1, 2, 3, 4, 5, 90)],
        ("UPDATE", "90"),
    ]


def test_ddl_is_recorded_and_a_renamed_table_goes_on_under_its_new_name(audit):
    audit.execute("alter table app.item add column colour text")
    audit.execute("alter table app.item rename to thing")
    audit.execute("insert into app.thing (id) values (1)")
    tags = audit.execute(
        "select relation, new_row ->> 'tag' from audit_log where op = 'DDL'"
        " and relation like 'app.%' order by occurred_at"
    ).fetchall()
    assert tags == [("app.item", "ALTER TABLE")] * 2
    assert len(logged(audit, "app.thing")) == 1
    assert audit.execute("select * from check_audit()").fetchall() == []
