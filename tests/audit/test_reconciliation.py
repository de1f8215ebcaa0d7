"""What was changed without the log knowing is found, by key."""

import pytest

from .conftest import seal, tamper


def reconcile(db, table, mode="full"):
    return db.execute(
        "select kind, record_key from reconcile_audit(%s::regclass, %s) order by 1, 2",
        [table, mode],
    ).fetchall()


def out_of_band(db, table, statement):
    (capture,) = db.execute(
        "select capture from audited_tables where relation = %s", [table]
    ).fetchone()
    if capture == "wal":
        # The WAL tells of it whatever the triggers do.
        db.execute(f"alter publication plumb_audit drop table {table}")
        db.execute(statement)
        db.execute(f"alter publication plumb_audit add table {table}")
        return
    db.execute(f"alter table {table} disable trigger all")
    db.execute(statement)
    db.execute(f"select audit_table('{table}')")


@pytest.fixture
def filled(audit):
    audit.execute("insert into app.item select i, 'n' || i from generate_series(1, 20) as i")
    audit.execute("update app.item set name = 'x' where id < 5")
    audit.execute("update app.item set id = 100 where id = 1")
    audit.execute("delete from app.item where id = 2")
    audit.execute("insert into app.pair values (1, 'x', 'n'), (2, 'y', 'm')")
    audit.execute("insert into app.loose values (1), (1), (2)")
    audit.execute("insert into app.part values (1, 'eu', 'a'), (2, 'us', 'b')")
    audit.execute("update app.part set region = 'us' where id = 1")
    seal(audit)
    return audit


@pytest.mark.parametrize("mode", ["full", "changes"])
def test_honest_tables_reconcile(filled, mode):
    for table in ("app.item", "app.pair", "app.loose", "app.part"):
        assert reconcile(filled, table, mode) == []


def test_row_security_hides_no_row_from_it(filled):
    filled.execute("alter table app.item enable row level security, force row level security")
    assert reconcile(filled, "app.item") == []
    out_of_band(filled, "app.item", "delete from app.item where id = 100")
    assert ("row_vanished", "100") in reconcile(filled, "app.item")


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("update app.item set price = 7 where id = 3", ("row_differs", "3")),
        ("delete from app.item where id = 100", ("row_vanished", "100")),
        ("insert into app.item values (999)", ("row_unlogged", "999")),
        ("insert into app.item values (2)", ("row_unlogged", "2")),
    ],
)
def test_an_edit_out_of_band_is_found_by_key(filled, statement, finding):
    out_of_band(filled, "app.item", statement)
    assert reconcile(filled, "app.item") == [finding, ("table_differs", None)]


def test_a_composite_key_and_a_partition_are_found_too(filled):
    out_of_band(filled, "app.pair", "delete from app.pair where a = 2")
    filled.execute("alter table app.part_us disable trigger all")
    out_of_band(filled, "app.part", "update app.part_us set v = 'evil' where id = 1")
    assert reconcile(filled, "app.pair")[0] == ("row_vanished", '["y", 2]')
    assert reconcile(filled, "app.part")[0] == ("row_differs", '[1, "us"]')


def test_a_table_without_key_is_found_by_its_sum(filled):
    out_of_band(filled, "app.loose", "delete from app.loose where v = 2")
    assert reconcile(filled, "app.loose") == [("table_differs", None)]


def test_changes_mode_looks_at_what_changed_lately(filled):
    filled.execute("select record_reconciliation('app.item')")
    out_of_band(filled, "app.item", "update app.item set price = 7 where id in (5, 6)")
    assert reconcile(filled, "app.item", "changes") == []
    filled.execute("update app.item set name = 'y' where id = 7")
    out_of_band(filled, "app.item", "update app.item set price = 7 where id = 7")
    assert reconcile(filled, "app.item", "changes") == [("row_differs", "7")]
    assert [k for _kind, k in reconcile(filled, "app.item")] == ["5", "6", "7", None]


def test_reconciliation_continues_from_its_last_seal(filled):
    filled.execute("select record_reconciliation('app.item')")
    filled.execute("update app.item set name = 'z' where id > 10")
    filled.execute("delete from app.item where id = 20")
    assert reconcile(filled, "app.item") == []
    seal(filled)
    filled.execute("select record_reconciliation('app.item')")
    assert reconcile(filled, "app.item") == []
    filled.execute("truncate app.item")
    filled.execute("insert into app.item values (1)")
    assert reconcile(filled, "app.item") == []


@pytest.mark.parametrize("baseline", ["rows", "sum"])
def test_rows_older_than_auditing_are_part_of_it(db, baseline):
    db.execute("create table public.old (id integer primary key, v text)")
    db.execute("insert into public.old select i from generate_series(1, 30) as i")
    db.execute("select audit_table('public.old', p_baseline => %s)", [baseline])
    db.execute("update public.old set v = 'x' where id = 1")
    assert reconcile(db, "public.old") == []
    out_of_band(db, "public.old", "update public.old set v = 'evil' where id in (1, 2)")
    found = reconcile(db, "public.old")
    assert ("row_differs", "1") in found
    assert (("row_differs", "2") in found) == (baseline == "rows")


def test_a_row_that_was_gone_before_the_baseline_and_is_back_unlogged_is_named(filled):
    filled.execute("select rebase_audit('app.item', 'rows')")
    out_of_band(filled, "app.item", "insert into app.item values (2)")
    assert reconcile(filled, "app.item") == [("row_unlogged", "2"), ("table_differs", None)]


def test_many_rows_that_no_seal_took_are_compared_in_one_pass(filled):
    filled.execute("create table app.many (id integer primary key, v integer)")
    filled.execute("insert into app.many select i, 0 from generate_series(1, 3000) as i")
    filled.execute("select audit_table('app.many', p_baseline => 'rows')")
    filled.execute("update app.many set v = 1 where id < 1000")
    filled.execute("update app.many set id = -id where id < 10")
    filled.execute("set statement_timeout = '4s'")
    assert reconcile(filled, "app.many", "changes") == []
    filled.execute("reset statement_timeout")
    out_of_band(filled, "app.many", "update app.many set v = 7 where id in (-3, 2500)")
    assert reconcile(filled, "app.many", "changes") == [
        ("row_differs", "-3"),
        ("row_differs", "2500"),
    ]


def test_a_new_column_disturbs_nothing_and_a_changed_one_asks_for_a_baseline(filled):
    filled.execute("alter table app.item add column colour text")
    assert reconcile(filled, "app.item") == []
    filled.execute("alter table app.item drop column price")
    assert reconcile(filled, "app.item") == [("baseline_missing", None)]
    filled.execute("select rebase_audit('app.item')")
    filled.execute("update app.item set name = 'q' where id = 3")
    assert reconcile(filled, "app.item") == []


def test_a_detached_partition_asks_for_a_baseline(filled):
    filled.execute("alter table app.part detach partition app.part_eu")
    assert reconcile(filled, "app.part") == [("baseline_missing", None)]
    filled.execute("select run_audit_check(true)")
    assert reconcile(filled, "app.part") == []


def test_writers_in_flight_are_no_finding(filled, connect):
    writer = connect()
    with writer.transaction():
        writer.execute("update app.item set name = 'open' where id = 3")
        assert reconcile(filled, "app.item") == []
    assert reconcile(filled, "app.item") == []


@pytest.mark.parametrize("event", ["truncate app.item", "select rebase_audit('app.item')"])
def test_a_clock_that_is_set_back_is_no_finding(audit, event):
    audit.execute("insert into app.item values (1, 'a')")
    audit.execute(event)
    (position,) = audit.execute("select max(position) from audit_intake").fetchone()
    audit.execute("insert into app.item values (7, 'b')")
    audit.execute("update app.item set name = 'c' where id = 7")
    tamper(
        audit,
        "update audit_intake set occurred_at = occurred_at - interval '1 hour' where position > %s",
        [position],
    )
    for _ in range(2):
        for mode in ("changes", "full"):
            found = audit.execute("select * from reconcile_audit('app.item', %s)", [mode])
            assert found.fetchall() == []
        seal(audit)
    out_of_band(audit, "app.item", "update app.item set name = 'd' where id = 7")
    found = audit.execute("select kind, record_key from reconcile_audit('app.item')").fetchall()
    assert ("row_differs", "7") in found
