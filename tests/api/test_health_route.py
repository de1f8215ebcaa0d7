"""GET /system-health and GET /cron/status: what is known, and how old the knowledge is."""

import pytest


@pytest.fixture
def scored(db):
    """Give the database a fresh drift and health score."""
    db.execute("select plumb.check_invariants()")
    db.execute("select plumb.score_health()")
    return db


def later(db, interval):
    """Move the service's clock: its sessions belong to a superuser, so they may be moved."""
    moment = db.execute("select plumb.current_time() + %s::interval", [interval]).fetchone()[0]
    db.execute(f"alter database {db.info.dbname} set plumb.\"current_time\" = '{moment}'")


def component(health, name):
    return next(c for c in health["components"] if c["component"] == name)


def test_a_fresh_score_is_reported_as_it_was_recorded(client, scored):
    health = client.get("/system-health").json

    stored = scored.execute("select score, grade from plumb.health_scores").fetchone()
    assert (health["score"], health["grade"]) == (float(stored[0]), stored[1])
    assert health["measuredLive"] is False
    assert [c["component"] for c in health["components"]] == [
        "integrity",
        "error_rate",
        "latency",
        "incidents",
        "backup",
        "migrations",
    ]


def test_every_component_explains_itself(client, scored):
    for found in client.get("/system-health").json["components"]:
        assert set(found) == {
            "component",
            "status",
            "points",
            "maxPoints",
            "value",
            "threshold",
            "reason",
        }
        assert found["reason"]


def test_a_stale_score_is_measured_anew_and_nothing_is_recorded(client, scored, make_app):
    later(scored, "3 hours")

    health = make_app().test_client().get("/system-health").json

    assert health["measuredLive"] is True
    assert component(health, "integrity")["status"] == "unknown"
    assert component(health, "integrity")["points"] == 0
    assert scored.execute("select count(*) from plumb.health_scores").fetchone() == (1,)


def test_safe_mode_is_what_it_is_now_not_when_the_score_was_taken(client, scored):
    assert client.get("/system-health").json["safeMode"] is False

    scored.execute("select plumb.engage_safe_mode('a', 'b')")

    assert client.get("/system-health").json["safeMode"] is True


def test_a_scheduler_that_never_ran_because_there_is_none_is_reported(client):
    scheduler = client.get("/system-health").json["scheduler"]

    assert scheduler["status"] == "absent"
    assert "plumb.run_due_jobs()" in scheduler["reason"]


def test_a_scheduler_that_died_is_reported(client, db, make_app):
    db.execute("update plumb.jobs set schedule = '* * * * *'")
    # The pulse is the most frequent job; its first run is due moments after the migration.
    db.execute("call plumb.run_job('watchdog')")
    db.execute("call plumb.run_job('seal')")
    assert client.get("/cron/status").json["scheduler"]["status"] == "running"

    later(db, "10 minutes")

    scheduler = make_app().test_client().get("/cron/status").json["scheduler"]
    assert scheduler["status"] == "dead"
    assert "watchdog" in scheduler["staleJobs"]
    assert scheduler["reason"].startswith("no job has run since")


def test_every_job_is_listed_with_its_last_run(client, db):
    db.execute("call plumb.run_job('prune')")

    jobs = {job["jobName"]: job for job in client.get("/cron/status").json["jobs"]}

    assert {"health", "invariant", "idempotency-clean"} <= set(jobs)
    assert jobs["prune"]["result"] == "succeeded"
    assert jobs["prune"]["message"] == "nothing was old enough"
    assert jobs["health"]["lastRunAt"] is None
    assert jobs["health"]["intervalSeconds"] == 300
