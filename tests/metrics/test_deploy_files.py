"""Rules and dashboard are valid and ask only for metrics that exist."""

import subprocess
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"


def test_promtool_accepts_the_rules():
    rules = DEPLOY / "prometheus/alert_rules.yml"
    result = subprocess.run(
        ["promtool", "check", "rules", rules], capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr + result.stdout


def test_rules_ask_for_what_exists(metrics_used, exposed):
    assert metrics_used("prometheus/alert_rules.yml") <= exposed


def test_the_dashboard_asks_for_what_exists(metrics_used, exposed):
    assert metrics_used("grafana/dashboard.json") <= exposed


def test_every_panel_asks_for_something_and_has_a_place(dashboard):
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in dashboard["panels"]]

    assert len(set(places)) == len(places)
    assert all(target["expr"] for p in dashboard["panels"] for target in p["targets"])
