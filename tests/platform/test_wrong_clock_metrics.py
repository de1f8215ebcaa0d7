"""What was measured while the clock was ahead has no age now: tokens, gates and metrics."""

import hashlib

import pytest
from plumbline.api.pages.lists import backups

AHEAD = "2 days"
NOW = "10 minutes"
MEASURED_THEN = """
insert into plumb.backups (backup_name, status, started_at, taken_at)
values ('nightly', 'finished', plumb.current_time(), plumb.current_time());
insert into plumb.backup_validations (backup_name, status, taken_at, started_at, finished_at)
values ('nightly', 'valid', plumb.current_time(), plumb.current_time(), plumb.current_time());
"""
JOBS = ("invariant", "health", "perf", "seal", "audit-verify")


@pytest.fixture
def ahead(shop, at):
    """Yield the shop after all was measured while the clock was two days ahead."""
    at(AHEAD)
    shop.execute(MEASURED_THEN)
    for name in JOBS:
        shop.execute(f"call plumb.run_job('{name}', true)")
    at(NOW)
    return shop


def test_no_metric_is_of_the_future(ahead, call):
    now = ahead.execute("select extract(epoch from plumb.current_time())").fetchone()[0]
    families = [f for f in call("describe_metrics") if f["name"].endswith("_timestamp_seconds")]
    samples = {f["name"]: [s["value"] for s in f["samples"]] for f in families}

    assert {n: v for n, v in samples.items() if any(at > now for at in v)} == {}
    assert samples["plumb_health_scored_timestamp_seconds"] == []
    assert samples["plumb_backup_valid_timestamp_seconds"] == []

    ahead.execute("call plumb.run_job('health', true)")
    families = {f["name"]: f["samples"] for f in call("describe_metrics")}
    assert families["plumb_health_scored_timestamp_seconds"] != []


def test_a_backup_of_the_future_has_no_age(ahead, call):
    assert call("describe_monitoring")["backupAgeHours"] is None
    page = backups(call("describe_backups_page"))
    assert page.status == "unknown"
    # Nor does it hide that of yesterday.
    ahead.execute(MEASURED_THEN.replace("nightly", "honest"))
    assert call("describe_monitoring")["backupAgeHours"] == 0


def test_no_gate_passes_by_what_was_measured_in_the_future(ahead):
    gates = "select gate, status from plumb.measure_deployment_gates(90)"
    found = dict(ahead.execute(gates).fetchall())
    assert {found[g] for g in ("DRIFT_SCORE", "BACKUP_FRESHNESS", "ERROR_RATE")} == {"unknown"}


def test_an_expired_token_is_refused_again_once_the_clock_is_right(shop, at, call):
    token = call("create_token", "ops", "operate", 1)
    judge = "select (plumb.judge_token('10.0.0.1', 'POST', '/x', %s, null, true)).decision"
    hashed = [hashlib.sha256(token.encode()).hexdigest()]
    assert shop.execute(judge, hashed).fetchone() == ("admit",)
    seen = []
    for moment in (AHEAD, "0", AHEAD, "1 day"):
        at(moment)
        seen.append(shop.execute(judge, hashed).fetchone()[0])
    assert seen == ["invalid_token", "admit", "invalid_token", "invalid_token"]
