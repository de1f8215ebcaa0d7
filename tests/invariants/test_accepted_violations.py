"""Old faults of old data are accepted by a person: only what is new alarms, and is refused."""

import pytest
from psycopg import errors


@pytest.fixture
def old_data(db, at):
    """Yield a database whose rule is violated by two rows from before."""
    db.execute(
        """
        create schema app;
        create table app.item (id integer primary key, amount integer not null, note text);
        create view app.wrong_item as
        select i.id as subject, format('amount %s', i.amount) as explanation
        from app.item as i where i.amount < 0;
        insert into app.item values (1, -1), (2, -2), (3, 3);
        select plumb.declare_invariant('NO_NEGATIVE_ITEM', 'app.wrong_item', 'P1', 'Amounts.',
            p_has_baseline => false);
        select plumb.watch_table('NO_NEGATIVE_ITEM', 'app.item', 'id');
        """
    )
    return db


def accept(db, *arguments):
    places = ", ".join(["%s"] * len(arguments))
    call = f"select plumb.accept_violations('NO_NEGATIVE_ITEM', 'old data', 'ops', {places})"
    return db.execute(call.replace(", )", ")"), arguments).fetchone()[0]


def found(db):
    db.execute("select plumb.check_invariants()")
    return [s for (s,) in db.execute("select subject from plumb.current_violations order by 1")]


def test_what_was_accepted_is_neither_found_nor_scored_and_new_faults_are(old_data):
    assert found(old_data) == ["1", "2"]
    assert accept(old_data) == 2
    assert found(old_data) == []
    assert old_data.execute("select score from plumb.newest_drift_score()").fetchone() == (100,)
    assert old_data.execute(
        "select count(*) from plumb.open_incidents where scope = 'NO_NEGATIVE_ITEM'"
    ).fetchone() == (0,)

    old_data.execute("insert into app.item values (4, -4)")
    assert found(old_data) == ["4"]


def test_a_row_that_becomes_wrong_in_another_way_is_new(old_data):
    accept(old_data)
    old_data.execute("update app.item set amount = -9 where id = 1")
    assert found(old_data) == ["1"]


def test_an_accepted_row_can_be_saved_under_enforcement_at_commit(old_data):
    old_data.execute("select plumb.enforce_invariant('NO_NEGATIVE_ITEM', 'commit')")
    with pytest.raises(errors.CheckViolation):
        old_data.execute("update app.item set note = 'x' where id = 1")
    accept(old_data)
    old_data.execute("update app.item set note = 'x' where id = 1")
    with pytest.raises(errors.CheckViolation):
        old_data.execute("update app.item set amount = -5 where id = 1")
    with pytest.raises(errors.CheckViolation):
        old_data.execute("update app.item set amount = -5 where id = 3")


def test_an_acceptance_ends_or_is_withdrawn(old_data, at):
    until = old_data.execute("select plumb.current_time() + interval '1 hour'").fetchone()[0]
    accept(old_data, until)
    assert found(old_data) == []
    at(3601)
    assert found(old_data) == ["1", "2"]

    accept(old_data, None, ["2"])
    assert found(old_data) == ["1"]
    old_data.execute("select plumb.withdraw_violations('NO_NEGATIVE_ITEM')")
    assert found(old_data) == ["1", "2"]


def test_many_accepted_rows_do_not_hide_a_new_one(old_data):
    old_data.execute("select plumb.change_setting('violation_rows_max', '5')")
    old_data.execute("insert into app.item select n, -n from generate_series(10, 60) as n")
    accept(old_data)
    assert found(old_data) == []
    old_data.execute("insert into app.item values (99, -99)")
    assert found(old_data) == ["99"]


def test_reason_name_and_end_are_asked_for(old_data):
    for call in (
        "select plumb.accept_violations('NO_NEGATIVE_ITEM', '', 'ops')",
        "select plumb.accept_violations('NO_NEGATIVE_ITEM', 'old', ' ')",
        "select plumb.accept_violations('NO_NEGATIVE_ITEM', 'old', 'ops', '2000-01-01')",
        "select plumb.accept_violations('NOTHING', 'old', 'ops')",
        "select plumb.disable_invariant('NO_NEGATIVE_ITEM', null, 'x', 'ops')",
        "select plumb.disable_invariant('NO_NEGATIVE_ITEM', '2000-01-01', 'x', 'ops')",
    ):
        with pytest.raises(errors.DatabaseError):
            old_data.execute(call)


def test_a_disabled_invariant_is_enabled_when_its_time_has_come(old_data, at):
    until = old_data.execute("select plumb.current_time() + interval '1 hour'").fetchone()[0]
    old_data.execute(
        "select plumb.disable_invariant('NO_NEGATIVE_ITEM', %s, 'a migration', 'ops')", [until]
    )
    old_data.execute("select plumb.run_invariant_cycle()")
    assert old_data.execute("select subject from plumb.current_violations").fetchall() == []
    at(3601)
    old_data.execute("select plumb.run_invariant_cycle()")
    rows = old_data.execute("select subject from plumb.current_violations").fetchall()
    assert sorted(rows) == [("1",), ("2",)]
