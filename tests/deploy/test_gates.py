"""Six gates stand before a deployment. What nobody knows does not pass."""

import pytest
from psycopg import errors


def judge(db, coverage=90, name="v1", revision=None):
    """Return each gate's status."""
    return {
        gate: status
        for gate, status in db.execute(
            "select gate, status from plumb.check_deployment_gates(%s, %s, %s)",
            [name, coverage, revision],
        )
    }


def gate(db, wanted, coverage=90):
    """Return value, threshold, status and reason of one gate."""
    return db.execute(
        "select value, threshold, status, reason"
        " from plumb.check_deployment_gates('v1', %s) where gate = %s",
        [coverage, wanted],
    ).fetchone()


def test_all_pass_where_all_is_well(deployable):
    assert judge(deployable) == {
        "NO_OPEN_P1_INCIDENTS": "pass",
        "DRIFT_SCORE": "pass",
        "TEST_COVERAGE": "pass",
        "BACKUP_FRESHNESS": "pass",
        "ERROR_RATE": "pass",
        "MIGRATIONS_CLEAN": "pass",
    }


def test_a_fresh_database_knows_too_little(db):
    assert judge(db, coverage=None) == {
        "NO_OPEN_P1_INCIDENTS": "pass",
        "DRIFT_SCORE": "unknown",
        "TEST_COVERAGE": "unknown",
        "BACKUP_FRESHNESS": "unknown",
        "ERROR_RATE": "unknown",
        "MIGRATIONS_CLEAN": "pass",
    }


def test_an_open_p1_stops_it_until_it_is_mended(deployable):
    deployable.execute("update retail.stock set quantity = -1 where product_id = 1")
    deployable.execute("select plumb.check_invariants()")
    value, threshold, status, reason = gate(deployable, "NO_OPEN_P1_INCIDENTS")
    assert (value, threshold, status) == ("1", "0", "fail")
    assert "NO_NEGATIVE_STOCK" in reason
    assert gate(deployable, "DRIFT_SCORE")[2] == "fail"

    deployable.execute("update retail.stock set quantity = 7 where product_id = 1")
    deployable.execute("select plumb.check_invariants()")

    assert set(judge(deployable).values()) == {"pass"}


def test_an_acknowledged_p1_is_still_open(deployable):
    deployable.execute("select plumb.open_incident('test', 'x', 'P1', 'broken')")
    deployable.execute("select plumb.acknowledge_incident(max(incident_id), 'me') from incidents")

    assert judge(deployable)["NO_OPEN_P1_INCIDENTS"] == "fail"


def test_a_p2_stops_nothing(deployable):
    deployable.execute("select plumb.open_incident('test', 'x', 'P2', 'slow')")

    assert judge(deployable)["NO_OPEN_P1_INCIDENTS"] == "pass"


def test_an_old_drift_score_says_nothing_of_today(deployable, clock):
    clock.forward(2 * 300 + 61)

    value, _, status, reason = gate(deployable, "DRIFT_SCORE")

    assert (value, status) == ("100.00", "unknown")
    assert "is from" in reason


def test_an_invariant_that_could_not_be_checked_is_named(deployable):
    deployable.execute("drop view plumb_rules.no_orphaned_sale_items")
    deployable.execute("select plumb.change_setting('gate_drift_score_min', '1')")
    deployable.execute("select plumb.check_invariants()")

    _, _, status, reason = gate(deployable, "DRIFT_SCORE")

    assert status == "unknown"
    assert "NO_ORPHANED_SALE_ITEMS" in reason


def test_a_score_over_no_invariant_is_worth_nothing(deployable):
    deployable.execute("update plumb.invariants set is_enabled = false")
    deployable.execute("select plumb.check_invariants()")

    assert judge(deployable)["DRIFT_SCORE"] == "unknown"


@pytest.mark.parametrize(
    ("coverage", "status"),
    [("85", "pass"), ("84.999999", "fail"), ("100", "pass"), ("0", "fail"), (None, "unknown")],
)
def test_coverage_is_compared_as_it_is(deployable, coverage, status):
    value, _, found, _ = gate(deployable, "TEST_COVERAGE", coverage)

    assert found == status
    assert value != "85.00 %" or status == "pass"


@pytest.mark.parametrize("coverage", ["NaN", "-1", "100.1", "Infinity"])
def test_what_is_no_percentage_is_refused(deployable, coverage):
    with pytest.raises(errors.Error) as raised:
        judge(deployable, coverage)

    assert raised.value.sqlstate == "PL002"
    assert coverage in str(raised.value)


def test_a_backup_of_just_a_day_is_too_old(deployable, prove_backup):
    deployable.execute("delete from plumb.backup_validations")
    prove_backup(age_hours=24)
    assert judge(deployable)["BACKUP_FRESHNESS"] == "fail"

    prove_backup(age_hours=23.9, name="newer")

    assert judge(deployable)["BACKUP_FRESHNESS"] == "pass"


def test_a_backup_found_rotten_later_does_not_count(deployable, prove_backup):
    prove_backup(status="invalid")

    _, _, status, reason = gate(deployable, "BACKUP_FRESHNESS")

    assert status == "fail"
    assert reason == "every backup that was tried is invalid"


def test_a_drill_without_a_verdict_takes_nothing_back(deployable, prove_backup):
    prove_backup(status="unknown")

    assert judge(deployable)["BACKUP_FRESHNESS"] == "pass"


def test_a_backup_that_was_removed_cannot_be_restored(deployable):
    deployable.execute(
        "insert into plumb.backups (backup_name, status, started_at, pruned_at)"
        " values ('nightly', 'finished', now(), now())"
    )

    assert judge(deployable)["BACKUP_FRESHNESS"] == "unknown"


def test_a_backup_from_the_future_is_not_believed(deployable, prove_backup):
    prove_backup(age_hours=-48, name="forged")

    assert judge(deployable)["BACKUP_FRESHNESS"] == "unknown"


@pytest.mark.parametrize(("failed", "status"), [(30, "pass"), (31, "fail")])
def test_three_percent_may_fail(deployable, report_requests, failed, status):
    deployable.execute("delete from plumb.perf_observations")
    report_requests(1000, errors=failed)

    assert judge(deployable)["ERROR_RATE"] == status


def test_silence_that_was_measured_passes(deployable, report_requests):
    deployable.execute("delete from plumb.perf_observations")
    assert judge(deployable)["ERROR_RATE"] == "unknown"

    report_requests(0)

    assert gate(deployable, "ERROR_RATE")[::2] == ("idle", "pass")


def test_code_that_expects_another_schema_is_stopped(deployable):
    assert judge(deployable, revision="9999")["MIGRATIONS_CLEAN"] == "fail"
    assert judge(deployable, revision="")["MIGRATIONS_CLEAN"] == "unknown"


def test_thresholds_are_settings(deployable):
    deployable.execute("select plumb.change_setting('gate_coverage_percent_min', '95')")

    assert gate(deployable, "TEST_COVERAGE")[1:3] == (">= 95 %", "fail")


def test_every_judgement_is_kept(deployable):
    judge(deployable, coverage=10)
    judge(deployable, coverage=90)

    kept = deployable.execute(
        "select status from plumb.deployment_gates where gate = 'TEST_COVERAGE' order by 1"
    ).fetchall()
    history = deployable.execute(
        "select status, gates_not_passed from deployment_history order by deployment_id"
    ).fetchall()

    assert kept == [("fail",), ("pass",)]
    assert history == [("refused", "TEST_COVERAGE"), ("cleared", None)]


@pytest.mark.parametrize("name", [None, "", "  ", "v1\nv2", "x" * 201, "\x1b[2J"])
def test_a_name_that_nobody_could_read_is_refused(deployable, name):
    with pytest.raises(errors.Error) as raised:
        judge(deployable, name=name)

    assert raised.value.sqlstate == "PL002"


def test_a_name_is_a_name_whatever_it_says(deployable):
    name = "v1'; drop table plumb.deployments; --"

    judge(deployable, name=name)

    assert deployable.execute("select name from deployment_history").fetchall() == [(name,)]


def test_readers_may_look_and_operators_may_judge(deployable, connect):
    reader = connect(role="plumb_reader")
    assert reader.execute("select * from plumb.measure_deployment_gates(90)").fetchall()
    with pytest.raises(errors.InsufficientPrivilege):
        judge(reader)

    assert judge(connect(role="plumb_operator"))["TEST_COVERAGE"] == "pass"
