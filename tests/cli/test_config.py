"""A bad environment is refused before anything starts, with the value and the way out."""

from pathlib import Path
from traceback import format_exception

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
        ("BACKUP_DIR", "backups"),
        ("PLUMB_HOME", "./state"),
    ],
)
def test_a_bad_value_is_named_with_a_way_out(name, value):
    with pytest.raises(PlumbError) as refused:
        Config.from_environment({name: value})

    assert f"{name} is '{value}'" in str(refused.value)
    assert name in refused.value.hint


SECRETS = {variable.name for variable in VARIABLES if variable.is_secret}


def test_whatever_may_hold_a_password_or_a_key_is_a_secret():
    endings = ("_URL", "_SECRET", "_TOKEN", "_KEY")
    assert {v.name for v in VARIABLES if v.name.endswith(endings)} == SECRETS


@pytest.mark.parametrize("name", sorted(name for name in SECRETS if name.endswith("_URL")))
@pytest.mark.parametrize(
    "value",
    [
        "S3cret",
        "S3cret@h/d",
        "postgresq://u:S3cret@h/d",
        "nothing://S3cret",
        "://S3cret",
        "{scheme}://u:S3cret@[::1/d",
        "{scheme}://[S3cret",
        "{scheme}://h:S3cret/d",
        "{scheme}://u:p@S3cret@h:x/d",
        "{scheme}://u:p/S3cret@h/d",
        "{scheme}://h:99999/S3cret",
    ],
)
def test_a_bad_url_is_refused_without_its_value(name, value):
    schemes = {"DATABASE_URL": "postgresql", "SHADOW_DB_URL": "postgresql", "REDIS_URL": "redis"}
    value = value.format(scheme=schemes.get(name, "https"))
    with pytest.raises(PlumbError) as refused:
        Config.from_environment({name: value})

    assert name in str(refused.value)
    said = str(refused.value) + refused.value.hint + "".join(format_exception(refused.value))
    assert "S3cret" not in said


@pytest.mark.parametrize("name", ["DATABASE_URL", "SHADOW_DB_URL"])
@pytest.mark.parametrize(
    "value",
    [
        "postgresql://u:100%S3cret@h/d",
        "postgresql://u:p@S3cret@h/d",
        "host=h password='S3cret",
        "host=h S3cret",
        "host=h port=S3cret",
        "host=h p S3cret=x",
    ],
)
def test_what_libpq_cannot_read_is_refused_without_its_value(name, value):
    with pytest.raises(PlumbError) as refused:
        Config.from_environment({name: value})

    said = str(refused.value) + refused.value.hint + "".join(format_exception(refused.value))
    assert "S3cret" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALERT_WEBHOOK_URL", "https://u:S3cret@h/x"),
        ("MONITORING_HEALTH_URL", "http://h/S3 cret"),
        ("ALERT_WEBHOOK_URL", "https://u:p#S3cret@h/d"),
        ("REDIS_URL", "redis://:S3cret@h:port/0"),
    ],
)
def test_what_a_client_would_misread_is_refused_without_its_value(name, value):
    with pytest.raises(PlumbError) as refused:
        Config.from_environment({name: value})

    assert "S3" not in str(refused.value) + refused.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://u:p%40ss@h1:5432,h2:5433/d?target_session_attrs=any"),
        ("DATABASE_URL", "postgresql://u@/d?host=%2Ftmp&port=5433"),
        ("DATABASE_URL", "postgresql://u:p@[::1]:5432/d"),
        ("DATABASE_URL", "service=shop"),
        ("REDIS_URL", "redis://:p@127.0.0.1:6379/0"),
        ("REDIS_URL", "rediss://u:p@h"),
        ("ALERT_WEBHOOK_URL", "https://h:8443/x?token=y"),
        ("ALERT_WEBHOOK_URL", "http://[::1]/x"),
    ],
)
def test_whole_urls_are_taken(name, value):
    assert Config.from_environment({name: value}).values[name] == value


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
