"""A clock that was ahead for a while, and is right again, hides nothing and calls nothing fresh."""

import pytest

AHEAD = "2 days"
NOW = "10 minutes"


@pytest.fixture
def ahead(shop, at):
    """Yield the shop after everything ran while the clock was two days ahead."""
    for name in ("invariant", "health", "perf", "heartbeat", "watchdog"):
        shop.execute(f"call plumb.run_job('{name}', true)")
    at(AHEAD)
    for name in ("invariant", "health", "perf", "heartbeat", "watchdog"):
        shop.execute(f"call plumb.run_job('{name}', true)")
    at(NOW)
    return shop


def break_rule(db):
    db.execute("set session_replication_role = replica")
    db.execute("update retail.stock set quantity = -5 where product_id = 1")
    db.execute("set session_replication_role = origin")


def metric(db, name):
    return db.execute(
        "select value from plumb.metric_samples() where name = %s limit 1", [name]
    ).fetchone()[0]


def test_what_is_found_now_counts_and_not_the_score_of_then(ahead, call):
    break_rule(ahead)
    verified = call("verify")

    assert verified["driftScore"] < 100
    health = {c["component"]: c for c in call("describe_health")["components"]}
    assert health["integrity"]["status"] == "bad"
    assert metric(ahead, "plumb_drift_score") < 100
    assert call("describe_invariants")["driftScore"] < 100
    shown = ahead.execute(
        "select status from plumb.invariant_status where name = 'NO_NEGATIVE_STOCK'"
    ).fetchone()
    assert shown == ("violated",)


def test_a_score_of_the_future_is_not_fresh(ahead, call):
    health = call("describe_health")

    assert health["measuredLive"] is True
    components = {c["component"]: c["status"] for c in health["components"]}
    assert components["integrity"] == "unknown"
    assert call("describe_invariants")["stale"] is True


def test_the_newest_health_score_is_the_last_one_recorded(ahead):
    ahead.execute("call plumb.run_job('health', true)")
    newest = ahead.execute("select max(health_score_id) from plumb.health_scores").fetchone()
    shown = ahead.execute(
        "select h.health_score_id from plumb.health_scores as h"
        " where h.created_at = (select distinct created_at from plumb.health_explained)"
    ).fetchone()
    assert shown == newest


def test_jobs_of_the_future_are_overdue_until_they_run_again(ahead):
    before = dict(ahead.execute("select job_name, is_stale from plumb.cron_status").fetchall())
    assert before["health"] is True
    ahead.execute("call plumb.run_job('health')")
    after = dict(ahead.execute("select job_name, is_stale from plumb.cron_status").fetchall())
    assert after["health"] is False


def test_a_job_that_ran_in_the_future_is_due(ahead):
    runs = "select count(*) from plumb.job_runs where job_name = 'health'"
    before = ahead.execute(runs).fetchone()[0]
    ahead.execute("call plumb.run_due_jobs()")
    assert ahead.execute(runs).fetchone()[0] == before + 1


def test_grade_f_engages_safe_mode_though_it_was_released_in_the_future(ahead, at):
    at(AHEAD)
    ahead.execute("select plumb.engage_safe_mode('a test', 'ops')")
    ahead.execute("update plumb.system_mode set override_token = 's3cret' where id = 1")
    ahead.execute("select plumb.disengage_safe_mode('s3cret', 'ops')")
    at(NOW)
    ahead.execute(
        "select plumb.engage_safe_mode_at_f(jsonb_populate_record("
        'null::plumb.health_scores, \'{"score": 0, "grade": "F", "components": []}\'))'
    )
    assert ahead.execute("select mode from plumb.system_mode").fetchone() == ("safe",)


def test_an_incident_of_the_future_is_escalated(ahead, at):
    at(AHEAD)
    ahead.execute("select plumb.open_incident('test', 'x', 'P1', 'x', 'x', 1, '')")
    at(NOW)
    ahead.execute("select plumb.escalate_due_incidents()")
    assert ahead.execute("select status from plumb.incidents where source = 'test'").fetchone() == (
        "ESCALATED",
    )


def test_an_alert_put_off_into_the_future_is_sent(ahead, at, call):
    ahead.execute("select plumb.connect_destination('webhook', 'http://127.0.0.1:9/nowhere', null)")
    at(AHEAD)
    ahead.execute("select plumb.open_incident('test', 'x', 'P1', 'x', 'x', 1, '')")
    ahead.execute("select plumb.route_messages()")
    ahead.execute("update plumb.destinations set paused_until = plumb.current_time() + '10 min'")
    at(NOW)
    ahead.execute("select plumb.claim_deliveries('outside')")
    claimed = ahead.execute(
        "select count(*) from plumb.deliveries where status = 'sending'"
    ).fetchone()
    assert claimed > (0,)


def test_requests_of_the_future_are_not_recent_traffic(shop, at):
    at(AHEAD)
    shop.execute(
        "select plumb.record_requests('shop', jsonb_build_array(jsonb_build_object("
        "'route', '*', 'requestCount', 100, 'errorCount', 0, 'p50Ms', 1, 'p95Ms', 1, 'p99Ms', 1,"
        "'windowSeconds', 60)))"
    )
    at(NOW)
    assert shop.execute("select request_count from plumb.recent_traffic()").fetchone() == (0,)


def test_a_backup_of_the_future_earns_nothing_and_proves_nothing(shop, at):
    at(AHEAD)
    shop.execute(
        "insert into plumb.backup_validations (backup_name, started_at, finished_at, status,"
        " taken_at) values ('b', plumb.current_time(), plumb.current_time(), 'valid',"
        " plumb.current_time())"
    )
    at(NOW)
    measured = shop.execute("select (plumb.measure_backup(10)).*").fetchone()
    assert measured[:2] == ("unknown", 0)
    gates = shop.execute("select gate, status from plumb.measure_deployment_gates(90)").fetchall()
    assert ("BACKUP_FRESHNESS", "unknown") in gates


def stale_jobs(db):
    """Return the jobs that the check of the scheduler finds at fault."""
    return db.execute("select (plumb.check_scheduler()).why").fetchone()[0]


def test_a_job_is_missed_only_if_it_was_due_since_the_clock_was_set(shop, at):
    for name in ("watchdog", "security"):
        shop.execute(f"call plumb.run_job('{name}', true)")
    shop.execute(
        "update plumb.jobs set is_enabled = false where job_name not in ('watchdog', 'security')"
    )

    at("181 minutes")
    shop.execute("call plumb.run_job('watchdog', true)")
    assert stale_jobs(shop) == "all jobs run"

    for minute in range(3, 19, 3):
        at(f"{180 + minute} minutes")
        shop.execute("call plumb.run_job('watchdog', true)")
    assert stale_jobs(shop) == "security is unscheduled"


def test_a_check_that_comes_before_the_job_of_every_minute_misses_no_job(shop, at):
    for name in ("watchdog", "security"):
        shop.execute(f"call plumb.run_job('{name}', true)")
    shop.execute(
        "update plumb.jobs set is_enabled = false where job_name not in ('watchdog', 'security')"
    )

    at("181 minutes")
    assert "watchdog" in stale_jobs(shop)
    shop.execute("call plumb.run_job('security', true)")
    shop.execute(
        "update plumb.job_runs set started_by = 'pg_cron'"
        " where started_at > now() + interval '1 hour'"
    )

    assert stale_jobs(shop) == "all jobs run"


GRADE_F = """
select plumb.engage_safe_mode_at_f(
    jsonb_populate_record(null::plumb.health_scores,
    '{"score": 25, "grade": "F", "components": []}')
)
"""


def test_grade_f_waits_for_the_first_check_after_the_clock_was_set(shop, at):
    for name in ("watchdog", "invariant"):
        shop.execute(f"call plumb.run_job('{name}', true)")

    at("180 minutes")
    shop.execute("call plumb.run_job('watchdog', true)")
    shop.execute(GRADE_F)
    assert shop.execute("select mode from plumb.system_mode").fetchone() == ("normal",)

    for minute in range(3, 16, 3):
        at(f"{180 + minute} minutes")
        shop.execute("call plumb.run_job('watchdog', true)")
    shop.execute(GRADE_F)
    assert shop.execute("select mode from plumb.system_mode").fetchone() == ("safe",)
