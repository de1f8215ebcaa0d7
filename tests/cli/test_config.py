"""A bad environment is refused before anything starts, with the value and the way out."""

from pathlib import Path

import psycopg
import pytest
from plumbline.core.config import VARIABLES, Config, default_home, forget_variables
from plumbline.core.errors import PlumbError

SEED = {
    "DATABASE_URL",
    "REDIS_URL",
    "PORT",
    "NODE_ENV",
    "ALERT_WEBHOOK_URL",
    "SLACK_WEBHOOK_URL",
    "PAGERDUTY_ROUTING_KEY",
    "EXECUTIVE_WEBHOOK_URL",
    "BACKUP_DIR",
    "SHADOW_DB_URL",
    "GPG_KEY_ID",
    "INVARIANT_INTERVAL_MS",
    "PERF_INTERVAL_MS",
    "SECURITY_INTERVAL_MS",
    "HEALTH_INTERVAL_MS",
    "BACKUP_INTERVAL_MS",
    "EXEC_REPORT_INTERVAL_MS",
    "MONITORING_HEALTH_URL",
}


def test_every_variable_of_the_guide_is_known():
    assert {variable.name for variable in VARIABLES} >= SEED


def test_an_empty_environment_is_enough():
    config = Config.from_environment({})

    assert (config.api_port, config.cluster_port) == (3000, 25432)
    assert config.home == default_home()


def test_an_empty_value_means_the_default():
    assert Config.from_environment({"PORT": ""}).api_port == 3000


def test_the_home_can_be_chosen():
    assert Config.from_environment({"PLUMB_HOME": "/srv/x"}).home == Path("/srv/x")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PORT", "²"),
        ("PLUMB_DB_PORT", "-1"),
        ("INVARIANT_INTERVAL_MS", "5m"),
        ("HEALTH_INTERVAL_MS", "0"),
        ("PERF_INTERVAL_MS", "1.5"),
        ("HEALTH_INTERVAL_MS", "1"),
        ("HEALTH_INTERVAL_MS", "420000"),
        ("BACKUP_INTERVAL_MS", "172800000"),
        ("DATABASE_URL", "mysql://localhost/shop"),
        ("SLACK_WEBHOOK_URL", "hooks.slack.com/x"),
        ("REDIS_URL", "localhost:6379"),
        ("BACKUP_DIR", "backups"),
        ("PLUMB_HOME", "./state"),
    ],
)
def test_a_bad_value_is_named_with_a_way_out(name, value):
    with pytest.raises(PlumbError) as refused:
        Config.from_environment({name: value})

    assert f"{name} is '{value}'" in str(refused.value)
    assert name in refused.value.hint


def test_an_interval_is_taken_exactly_when_pg_cron_can_keep_it(db):
    for interval in [*range(0, 130_000, 500), *range(0, 90_000_000, 60_000), 86_400_001]:
        try:
            db.execute("select cron_schedule(%s, true)", [interval])
            is_kept = True
        except psycopg.Error:
            is_kept = False
        try:
            Config.from_environment({"PERF_INTERVAL_MS": str(interval)})
            is_taken = True
        except PlumbError:
            is_taken = False
        assert is_taken == is_kept, interval


def test_tests_forget_every_variable_of_their_user():
    environment = {variable.name: "x" for variable in VARIABLES} | {"PATH": "/bin"}
    forget_variables(environment)
    assert environment == {"PATH": "/bin"}


@pytest.mark.parametrize("value", ["postgresql://h/d", "postgres://h/d", "host=h dbname=d"])
def test_every_form_that_libpq_takes_is_taken(value):
    assert Config.from_environment({"DATABASE_URL": value}).values["DATABASE_URL"] == value


def test_an_open_door_needs_a_lock():
    with pytest.raises(PlumbError, match="without API_TOKEN"):
        Config.from_environment({"HOST": "0.0.0.0"})

    Config.from_environment({"HOST": "0.0.0.0", "API_TOKEN": "long and random"})
