"""A deployment is rolled back for a breach that lasts, and for nothing less."""

import pytest
from deployments import HEALTHY, Watched

FAILING = HEALTHY | {"errorRate": 0.04}
SLOW = HEALTHY | {"p95Ms": 201.0}
LIMIT = HEALTHY | {"errorRate": 0.03, "p95Ms": 200.0}


def test_it_succeeds_when_all_was_well_to_the_end(watched):
    watched.see(*[HEALTHY] * 119)
    watched.check_drift()
    assert watched.decision() == "watch"

    watched.see(HEALTHY)

    assert watched.decision() == "succeed"


@pytest.mark.parametrize(("sample", "condition"), [(FAILING, "ERROR_RATE"), (SLOW, "P95_LATENCY")])
def test_a_breach_counts_once_it_lasted_sixty_seconds(watched, sample, condition):
    watched.see(HEALTHY, *[sample] * 12)
    assert watched.judged()[condition] == "breaching"
    assert watched.decision() == "watch"

    watched.see(sample)

    assert watched.judged()[condition] == "breach"
    assert watched.decision() == "roll_back"


def test_the_limit_itself_is_no_breach(watched):
    watched.see(*[LIMIT] * 20)

    assert watched.judged()["ERROR_RATE"] == "healthy"
    assert watched.judged()["P95_LATENCY"] == "healthy"


def test_one_good_sample_ends_a_breach(watched):
    watched.see(*[FAILING] * 12, HEALTHY, *[FAILING] * 12)

    assert watched.judged()["ERROR_RATE"] == "breaching"


def test_a_breach_that_went_by_was_a_breach(watched):
    watched.see(*[FAILING] * 13, *[HEALTHY] * 20)

    assert watched.decision() == "roll_back"


@pytest.mark.parametrize(("every", "status"), [(20, "breach"), (20.5, "breaching")])
def test_samples_too_far_apart_are_not_one_observation(watched, every, status):
    watched.see(*[FAILING] * 6, every=every)

    assert watched.judged()["ERROR_RATE"] == status


def test_too_few_samples_judge_nothing(watched):
    watched.db.execute("select plumb.change_setting('deploy_gap_seconds_max', '40')")

    watched.see(*[FAILING] * 3, every=30)
    assert watched.judged()["ERROR_RATE"] == "breaching"

    watched.see(FAILING, every=30)
    assert watched.judged()["ERROR_RATE"] == "breach"


def test_samples_of_few_requests_neither_blame_nor_praise(watched):
    watched.see(*[FAILING | {"requestCount": 9}] * 20)
    assert watched.judged()["ERROR_RATE"] == "inconclusive"

    watched.see(*[HEALTHY | {"requestCount": 9}] * 20)
    assert watched.judged()["ERROR_RATE"] == "inconclusive"


def test_no_traffic_is_inconclusive_at_the_end(watched):
    idle = HEALTHY | {"requestCount": 0, "errorRate": None, "p95Ms": None}
    watched.see(*[idle] * 119)
    assert watched.decision() == "watch"

    watched.see(idle)
    watched.check_drift()

    assert watched.decision() == "inconclusive"


def test_an_address_that_does_not_answer_is_inconclusive(watched):
    watched.see(*[HEALTHY] * 100, *[None] * 20)
    watched.check_drift()

    assert watched.decision() == "inconclusive"
    reason = watched.db.execute(
        "select reason from plumb.judge_deployment(%s) limit 1", [watched.id]
    ).fetchone()[0]
    assert "it did not answer" in reason or "was seen" in reason


def test_an_old_answer_given_again_is_no_measurement(watched):
    for _ in range(20):
        watched.clock.forward(5)
        watched.db.execute(
            "select plumb.record_deployment_sample(%s, %s)",
            [watched.id, Watched.json(HEALTHY | {"sampledAt": "frozen"})],
        )

    assert watched.judged()["ERROR_RATE"] == "inconclusive"


def test_what_reaches_back_before_the_deployment_proves_nothing_good(watched):
    watched.see(*[HEALTHY | {"windowSeconds": 300}] * 60)
    assert watched.judged()["ERROR_RATE"] == "inconclusive"

    watched.see(*[HEALTHY | {"windowSeconds": 300}] * 60)
    assert watched.judged()["ERROR_RATE"] == "healthy"


def test_a_breach_that_began_before_the_end_is_waited_for(watched):
    watched.see(*[HEALTHY] * 115, *[FAILING] * 10)
    watched.check_drift()
    assert watched.decision() == "watch"

    watched.see(HEALTHY)

    assert watched.decision() == "succeed"


def test_without_a_baseline_latency_is_inconclusive(deployable, clock):
    watched = Watched(deployable, clock, HEALTHY | {"requestCount": 3})

    watched.see(*[SLOW] * 120)
    watched.check_drift()

    assert watched.judged()["P95_LATENCY"] == "inconclusive"
    assert watched.decision() == "inconclusive"


def test_an_ill_baseline_is_none(deployable, clock):
    watched = Watched(deployable, clock, HEALTHY | {"errorRate": 0.5})

    watched.see(*[HEALTHY] * 20)

    assert watched.judged()["P95_LATENCY"] == "inconclusive"


def test_a_new_p1_rolls_back_at_once(watched):
    watched.see(HEALTHY)
    watched.db.execute("select plumb.open_incident('test', 'x', 'P1', 'broken')")

    assert watched.decision() == "roll_back"


def test_an_incident_raised_to_p1_is_new(watched):
    watched.db.execute("select plumb.open_incident('test', 'x', 'P2', 'bad')")
    assert watched.decision() == "watch"

    watched.db.execute("select plumb.open_incident('test', 'x', 'P1', 'worse')")

    assert watched.decision() == "roll_back"


def test_a_p1_from_before_is_not_its_fault(deployable, clock):
    deployable.execute("select plumb.open_incident('test', 'x', 'P1', 'old')")

    assert Watched(deployable, clock).decision() == "watch"


def test_wrong_data_rolls_back(watched):
    watched.see(HEALTHY)
    watched.db.execute("update retail.stock set quantity = 6 where product_id = 1")

    watched.check_drift()

    assert watched.judged()["DRIFT_SCORE"] == "breach"
    assert watched.decision() == "roll_back"


def test_a_score_of_a_clock_that_was_ahead_hides_no_newer_one(watched):
    watched.see(HEALTHY)
    watched.clock.forward(3600)
    watched.check_drift()
    watched.clock.forward(-3600)
    watched.db.execute("update retail.stock set quantity = 6 where product_id = 1")

    watched.check_drift()

    assert watched.judged()["DRIFT_SCORE"] == "breach"


def test_how_far_drift_may_fall_is_a_setting(watched):
    watched.db.execute("select plumb.change_setting('deploy_drift_fall_max', '15')")
    watched.db.execute("update retail.stock set quantity = 6 where product_id = 1")
    watched.see(HEALTHY)

    watched.check_drift()

    assert watched.judged()["DRIFT_SCORE"] == "healthy"


def test_drift_from_before_says_nothing(watched):
    watched.see(*[HEALTHY] * 120)

    assert watched.judged()["DRIFT_SCORE"] == "inconclusive"
    assert watched.decision() == "inconclusive"


@pytest.mark.parametrize("said", [{"openP1": 1}, {"driftScore": 84}, {"driftScore": 99}])
def test_what_the_watched_address_says_of_integrity_counts(watched, said):
    watched.see(HEALTHY | said)

    assert watched.decision() == "roll_back"


def test_the_database_is_its_own_witness(deployable, clock, report_requests):
    for age in range(60, 600, 10):
        report_requests(50, p95_ms=100, age=age)
    number = deployable.execute("select plumb.start_deployment('v2', 600)").fetchone()[0]
    baseline = deployable.execute("select * from plumb.freeze_baseline(%s)", [number]).fetchone()
    assert baseline[0] == 100
    deployable.execute("select plumb.advance_deployment(%s, 'applying')", [number])
    deployable.execute("select plumb.advance_deployment(%s, 'watching')", [number])

    for _ in range(20):
        clock.forward(5)
        report_requests(50, p95_ms=250, age=0)
        deployable.execute("select plumb.record_deployment_sample(%s)", [number])

    judged = dict(
        deployable.execute(
            "select condition, status from plumb.judge_deployment(%s)", [number]
        ).fetchall()
    )
    assert judged["P95_LATENCY"] == "breach"
    assert judged["ERROR_RATE"] == "healthy"


def test_requests_from_before_the_deployment_are_not_looked_at(watched, report_requests):
    report_requests(1000, errors=1000, age=5)
    watched.clock.forward(1)
    watched.db.execute("select plumb.record_deployment_sample(%s)", [watched.id])

    seen = watched.db.execute("select error from plumb.deployment_samples").fetchall()

    assert seen == [("no requests are reported",)]


def test_windows_in_which_much_failed_are_no_baseline(deployable, report_requests):
    deployable.execute("delete from plumb.perf_observations")
    report_requests(100, errors=50, p95_ms=900)
    report_requests(100, errors=1, p95_ms=80, age=20)
    number = deployable.execute("select plumb.start_deployment('v2', 600)").fetchone()[0]

    p95_ms, error_rate, count = deployable.execute(
        "select * from plumb.freeze_baseline(%s)", [number]
    ).fetchone()

    assert (p95_ms, float(error_rate), count) == (80, 0.01, 100)


def test_a_breach_that_never_gets_clear_is_not_waited_for_for_ever(watched):
    watched.db.execute("update plumb.deployments set watch_seconds = 60")
    watched.see(*[FAILING] * 5, every=25)
    assert watched.decision() == "watch"

    watched.see(*[FAILING] * 3, every=25)

    assert watched.decision() == "inconclusive"
