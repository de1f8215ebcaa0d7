"""Prometheus' own tools accept what is served, and each number is the database's."""

import re
import statistics
import subprocess
import time


def value(text, name):
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M).group(1))


def test_promtool_has_nothing_to_complain_of(client, busy):
    text = client.get("/metrics").text

    result = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_every_metric_has_a_value_once_the_jobs_ran(client, busy, exposed):
    served = set(re.findall(r"^# TYPE (\S+) ", client.get("/metrics").text, re.M))

    assert served == exposed


def test_every_sample_belongs_to_a_family(busy):
    assert (
        busy.execute(
            "select name from plumb.metric_samples()"
            " except select name from plumb.metric_families()"
        ).fetchall()
        == []
    )


def test_the_numbers_are_the_databases(client, busy):
    text = client.get("/metrics").text

    score = busy.execute("select score from plumb.health_scores order by 1 limit 1").fetchone()
    assert value(text, "plumb_health_score") == float(score[0])
    assert value(text, "plumb_recent_requests") == 200
    assert value(text, "plumb_request_error_ratio") == 0.005
    assert value(text, "plumb_request_latency_p95_seconds") == 0.0125
    assert value(text, "plumb_drift_score") == 100


def test_backups_findings_escalations_and_deployments_are_told(client, busy):
    busy.execute("select plumb.open_incident('test', 'x', 'P2', 'slow')")
    busy.execute("select plumb.acknowledge_incident(max(incident_id), 'ann') from plumb.incidents")
    busy.execute("select plumb.open_incident('test', 'y', 'P2', 'slower')")
    busy.execute("select plumb.escalate_now(max(incident_id), 'big', 'ann') from plumb.incidents")
    busy.execute("select plumb.check_deployment_gates('v1', 91)")

    text = client.get("/metrics").text

    assert value(text, "plumb_request_latency_p99_seconds") == 0.03
    assert 10800 <= time.time() - value(text, "plumb_backup_valid_timestamp_seconds") < 10900
    assert value(text, "plumb_backup_newest_valid") == 1
    assert value(text, "plumb_incidents_escalated") == 1
    assert value(text, "plumb_incidents_acknowledged") == 1
    assert value(text, 'plumb_audit_findings{priority="P1"}') == 0
    assert value(text, 'plumb_deployments{status="cleared"}') == 1
    found = client.get("/metrics/json").json
    assert (found["p99Ms"], found["backupAgeHours"], found["newestBackup"]) == (30, 3.0, "valid")
    assert (found["escalatedIncidents"], found["acknowledgedIncidents"]) == (1, 1)
    assert (found["openIncidents"] >= 2, found["auditFindings"]) == (True, 0)
    assert found["lastDeployment"] == {"name": "v1", "status": "cleared"}

    busy.execute("update plumb.backup_validations set status = 'invalid'")

    text = client.get("/metrics").text
    assert value(text, "plumb_backup_newest_valid") == 0
    assert "plumb_backup_valid_timestamp_seconds " not in text
    assert client.get("/metrics/json").json["newestBackup"] == "invalid"


def test_safe_mode_shows_at_once(client, busy):
    busy.execute("select plumb.engage_safe_mode('a test', 'ops')")

    assert value(client.get("/metrics").text, "plumb_safe_mode") == 1
    assert client.get("/metrics/json").json["safeMode"] is True


def test_the_snapshot_says_what_a_gate_needs(client, busy):
    found = client.get("/metrics/json").json

    assert (found["errorRate"], found["p95Ms"], found["requestCount"]) == (0.005, 12.5, 200)
    assert (found["driftScore"], found["openP1"], found["safeMode"]) == (100, 0, False)
    assert found["sampledAt"] >= found["scoredAt"]


def test_what_nobody_knows_is_null_not_zero(client):
    found = client.get("/metrics/json").json

    assert {found[n] for n in ("errorRate", "p95Ms", "driftScore", "score")} == {None}


def test_a_scrape_is_one_call_and_no_traffic(client, busy):
    layer = client.application.extensions["plumbline"]
    calls = []
    database = client.application.config["DATABASE"]
    call = database.call
    database.call = lambda name, **rest: calls.append(name) or call(name, **rest)

    client.get("/metrics")
    client.get("/metrics/json")

    assert calls == ["describe_metrics", "describe_monitoring"]
    assert layer.tracker._window["*"].request_count == 0


def test_a_scrape_is_quick_however_long_the_log(busy):
    # The log's members never enter a metric: the plan has no scan of it to grow with.
    assert busy.execute(
        "select prosrc !~ 'audit_log|audit_transactions|audit_blocks' from pg_proc"
        " where oid = 'plumb.metric_samples'::regproc"
    ).fetchone() == (True,)
    took = []
    for _ in range(9):
        started = time.perf_counter()
        busy.execute("select plumb.describe_metrics()")
        took.append(time.perf_counter() - started)

    assert statistics.median(took) < 0.05
