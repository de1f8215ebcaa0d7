"""A rule over old data stops nobody on its first day: what was wrong before is its baseline."""

import pytest
from psycopg import errors

OLD_ROWS = "select subject from plumb.accepted_violations where is_baseline order by subject"


@pytest.fixture
def app(db, at):
    db.execute(
        """
        create schema app;
        create table app.orders (
            order_id integer primary key, total integer not null, note text
        );
        create table app.lines (
            line_id integer primary key, order_id integer not null, amount integer not null
        );
        insert into app.orders select n, 10, null from generate_series(1, 40) as n;
        insert into app.lines select n, n, 10 from generate_series(1, 40) as n;
        update app.orders set total = 11 where order_id % 10 = 0;
        select plumb.declare_sum_matches('TOTAL', 'app.orders', 'total', 'amount', 'app.lines',
            array['order_id'], p_priority => 'P1');
        """
    )
    return db


def found(db):
    db.execute("select plumb.check_invariants()")
    return [s for (s,) in db.execute("select subject from plumb.current_violations order by 1")]


def baseline(db):
    return [s for (s,) in db.execute(OLD_ROWS)]


def test_old_faults_are_listed_but_neither_scored_nor_reported(app):
    assert found(app) == []
    assert baseline(app) == ["10", "20", "30", "40"]
    assert app.execute("select score from plumb.newest_drift_score()").fetchone() == (100,)
    p1 = app.execute("select scope from plumb.open_incidents where priority = 'P1'")
    assert p1.fetchall() == []
    assert app.execute(
        "select status, accepted_count from plumb.invariant_status where name = 'TOTAL'"
    ).fetchone() == ("holds", 4)


def test_new_faults_are_found(app):
    app.execute("update app.orders set total = 12 where order_id = 7")
    assert found(app) == ["7"]


def test_an_old_fault_leaves_the_baseline_when_it_is_repaired(app):
    app.execute("update app.orders set total = 10 where order_id = 20")
    assert found(app) == []
    assert baseline(app) == ["10", "30", "40"]
    app.execute("update app.orders set total = 11 where order_id = 20")
    assert found(app) == ["20"]


def test_a_cycle_sees_that_an_old_fault_was_repaired(app):
    app.execute("select plumb.audit_table('app.orders'), plumb.audit_table('app.lines')")
    app.execute("select plumb.seal_audit(), plumb.check_invariants()")
    app.execute("update app.lines set amount = 11 where order_id = 20")
    app.execute("select plumb.seal_audit()")
    app.execute("select plumb.run_invariant_cycle()")
    assert baseline(app) == ["10", "30", "40"]


def test_enforcement_lets_an_old_fault_be_saved_until_it_is_repaired(app):
    app.execute("select plumb.enforce_invariant('TOTAL', 'commit')")
    app.execute("update app.orders set note = 'saved', total = 12 where order_id = 10")
    with pytest.raises(errors.CheckViolation):
        app.execute("update app.orders set total = 12 where order_id = 11")
    app.execute("update app.orders set total = 10 where order_id = 10")
    with pytest.raises(errors.CheckViolation):
        app.execute("update app.orders set total = 12 where order_id = 10")


def test_a_person_takes_the_baseline_back_and_it_is_reported(app):
    app.execute("select plumb.withdraw_violations('TOTAL', array['10'])")
    assert found(app) == ["10"]


def test_a_rule_that_most_rows_violate_is_refused(app):
    app.execute("select plumb.change_setting('violation_rows_max', '3')")
    with pytest.raises(errors.DatabaseError) as refused:
        app.execute("select plumb.declare_non_negative('NOTHING', 'app.orders', '-total')")
    assert refused.value.sqlstate == "PL005"
    assert "is violated by more than 3 rows" in str(refused.value)
    assert refused.value.diag.message_hint


def test_without_an_invariant_nothing_is_guarded_and_health_is_no_a(db):
    db.execute("select plumb.check_invariants()")
    db.execute("select plumb.tune_invariant(name, p_is_enabled => false) from plumb.invariants")
    db.execute("select plumb.check_invariants()")
    component = db.execute(
        "select c ->> 'status', c ->> 'reason' from plumb.measure_health() as h"
        " cross join jsonb_array_elements(h.components) as c"
        " where (c ->> 'reason') like 'nothing is guarded%'"
    ).fetchone()
    assert component[0] == "unknown"
    assert db.execute("select grade from plumb.measure_health()").fetchone() != ("A",)
