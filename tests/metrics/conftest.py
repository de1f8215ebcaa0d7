"""An app on this test's own database, and what it exposes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from plumbline.api import create_app
from plumbline.api.config import Config

DEPLOY = Path(__file__).parents[2] / "deploy"


@pytest.fixture
def client(db) -> Iterator[FlaskClient]:
    app = create_app(Config(db.info.dsn))
    app.extensions["plumbline"].start = lambda: None
    yield app.test_client()
    app.config["DATABASE"].close()


@pytest.fixture
def busy(db):
    """Give every metric something to say."""
    db.execute("select plumb.run_perf()")
    db.execute("select plumb.check_invariants()")
    db.execute("select plumb.score_health()")
    db.execute("call plumb.run_job('health', true)")
    db.execute(
        "insert into plumb.perf_observations (source, route, request_count, error_count,"
        " p50_ms, p95_ms, p99_ms, window_started_at, window_seconds)"
        " values ('shop', '*', 200, 1, 2, 12.5, 30, plumb.current_time(), 10)"
    )
    db.execute("select plumb.seal_audit()")
    db.execute("call plumb.run_job('audit-verify', true)")
    db.execute(
        "insert into plumb.backups (backup_name, status, started_at, taken_at)"
        " values ('nightly', 'finished', now(), now() - interval '3 hours')"
    )
    db.execute(
        "insert into plumb.backup_validations"
        " (backup_name, status, taken_at, started_at, finished_at)"
        " values ('nightly', 'valid', now() - interval '3 hours', now(), now())"
    )
    return db


@pytest.fixture
def exposed(db) -> set[str]:
    """Return the names under which Prometheus sees the metrics."""
    families = db.execute("select name, kind from plumb.metric_families()").fetchall()
    suffix = {"gauge": "", "counter": "_total", "info": "_info"}
    return {name + suffix[kind] for name, kind in families}


@pytest.fixture
def metrics_used():
    """Return the metrics that a file of deploy/ asks for."""

    def used(name: str) -> set[str]:
        return set(re.findall(r"\bplumb_\w+", (DEPLOY / name).read_text()))

    return used


@pytest.fixture
def dashboard() -> dict:
    return json.loads((DEPLOY / "grafana/dashboard.json").read_text())
