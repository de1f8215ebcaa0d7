"""Every number an operator may turn: named, typed, and followed at once."""

import pytest
from plumbline.core.errors import PlumbError
from plumbline.core.migrate import migrate
from psycopg import errors


def test_a_setting_starts_at_its_default_and_follows_the_operator(db):
    assert db.execute("select setting('health_interval_ms')").fetchone() == ("300000",)

    db.execute("select change_setting('health_interval_ms', '600000')")
    assert db.execute("select setting_number('health_interval_ms')").fetchone() == (600000,)

    db.execute("select change_setting('health_interval_ms', null)")
    assert db.execute("select setting('health_interval_ms')").fetchone() == ("300000",)


@pytest.mark.parametrize(
    "call", ["setting('typo')", "setting_number('typo')", "change_setting('typo', '1')"]
)
def test_an_unknown_name_is_an_error_that_names_it(db, call):
    with pytest.raises(errors.Error, match="no setting 'typo'") as error:
        db.execute(f"select plumb.{call}")
    assert error.value.sqlstate == "PL001"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("health_interval_ms", "soon"),
        ("health_interval_ms", ""),
        ("health_interval_ms", "1e3"),
        ("health_cap_enabled", "maybe"),
        ("health_cap_enabled", ""),
        ("backup_incident_priority", "HIGH"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(db, name, value):
    with pytest.raises(errors.Error, match=f"setting {name} takes") as error:
        db.execute("select plumb.change_setting(%s, %s)", [name, value])
    assert error.value.sqlstate == "PL002"


def test_every_setting_has_a_kind_and_every_number_a_range(db):
    unbounded = db.execute(
        "select name from plumb.settings where kind in ('integer', 'number')"
        " and (minimum is null or maximum is null) or kind in ('choice', 'list')"
        " and choices is null or plumb.setting_fault(settings, default_value) is not null"
        " or kind = 'text' and name not in ('runbook_base_url',"
        " 'expected_schema_revision', 'cron_database')"
    ).fetchall()

    assert unbounded == []


@pytest.mark.parametrize(
    ("name", "values", "range_"),
    [
        ("violation_rows_max", ("0", "-1", "1e6", "9999999999999", "NaN"), "1 to 1000000 rows"),
        ("snapshot_rows_max", ("-1", "0"), "1 to 10000 rows"),
        ("history_retention_days", ("-1000", "0", "0.5"), "1 to 36500 days"),
        ("flap_window_seconds", ("-1",), "0 to 604800 s"),
        ("health_cap_score", ("-5", "101", "Infinity"), "0 to 100 points"),
        ("escalate_attempts", ("-5", "999999999999"), "1 to 1000"),
        ("ipv6_prefix_length", ("-3", "129", "0"), "32 to 128 bits"),
        ("prune_rows_max", ("-1", "0"), "1 to 100000000 rows"),
        ("override_lock_seconds_max", ("0",), "1 to 86400 s"),
        ("seal_interval_ms", ("0", "86400000"), "1000 to 3600000 ms"),
        ("backup_required_tiers", ("", "checksum,", "nope", "checksum;restored"), "at least one"),
        ("page_on_open_priorities", ("P5", "p1", "P1,,P2"), "P1, P2, P3, P4"),
        ("guarded_schemas", ("nope", "", "retail,nope", "plumb", "pg_catalog"), "schemas"),
        ("plain_http_hosts", ("*", "*.example.com", "http://x", "host:80", "a b"), "without *"),
        (
            "pagerduty_url",
            (
                "http://169.254.169.254/",
                "",
                "file:///etc/passwd",
                "https://u@host/",
                "https://a b/",
            ),
            "an https:// address",
        ),
        ("console_url", ("javascript:alert(1)", "http://console.example.com"), "nothing or"),
        ("audit_anchor_url", ("ftp://example.com", "data:,x"), "nothing or"),
        ("audit_anchor_dir", ("relative/path", "/tmp/a\nb"), "absolute path"),
        ("server_log_reading", ("yes", "ON", ""), "one of on, off, auto"),
        ("runbook_base_url", ("a\nb", "https://u:p@wiki/"), "a line"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(db, name, values, range_):
    for value in values:
        for statement in (
            "select plumb.change_setting(%(name)s, %(value)s)",
            "update plumb.settings set value = %(value)s where name = %(name)s",
        ):
            with pytest.raises(errors.Error, match=f"setting {name} takes") as error:
                db.execute(statement, {"name": name, "value": value})
            assert error.value.sqlstate == "PL002"
            assert range_ in str(error.value)


def test_the_ends_of_every_range_are_accepted_and_one_beyond_is_not(db):
    ranges = db.execute(
        "select name, minimum, maximum from plumb.settings where kind = 'integer'"
        " and name not like '%_interval_ms'"
    ).fetchall()
    assert len(ranges) > 70
    for name, minimum, maximum in ranges:
        for value in (minimum, maximum):
            db.execute("select plumb.change_setting(%s, %s)", [name, str(value)])
        for value in (minimum - 1, maximum + 1):
            with pytest.raises(errors.Error, match=f"setting {name} takes"):
                db.execute("select plumb.change_setting(%s, %s)", [name, str(value)])


def test_a_variable_out_of_range_stops_the_migration_by_name(db, monkeypatch):
    monkeypatch.setenv("VIOLATION_ROWS_MAX", "0")

    with pytest.raises(PlumbError, match=r"takes a whole number from 1 .*VIOLATION_ROWS_MAX"):
        migrate(db.info.dsn, report=lambda _line: None, demo_schema="retail")


def test_a_value_of_an_older_release_that_no_longer_fits_gives_way_and_is_named(db):
    db.execute("alter table plumb.settings disable trigger check_setting")
    db.execute("update plumb.settings set value = '-1000' where name = 'history_retention_days'")
    db.execute("update plumb.settings set value = '7' where name = 'job_retention_days'")
    db.execute("alter table plumb.settings enable trigger check_setting")
    lines = []

    migrate(db.info.dsn, report=lines.append, demo_schema="retail")

    assert any("history_retention_days was '-1000'" in line for line in lines)
    assert db.execute("select setting('history_retention_days')").fetchone() == ("90",)
    assert db.execute("select setting('job_retention_days')").fetchone() == ("7",)
    assert db.execute(
        "select scope, status from plumb.incidents where source = 'settings'"
    ).fetchall() == [("history_retention_days", "OPEN")]


def test_an_interval_that_cron_cannot_express_changes_nothing(db):
    with pytest.raises(errors.Error, match="420000 ms") as error:
        db.execute("select change_setting('health_interval_ms', '420000')")

    assert error.value.sqlstate == "PL003"
    assert db.execute("select setting('health_interval_ms')").fetchone() == ("300000",)


def test_a_release_may_change_a_default_and_never_an_operators_value(db):
    db.execute("select change_setting('job_retention_days', '7')")
    db.execute("select declare_setting('job_retention_days', '30', 'days', 'How long.')")
    db.execute("select declare_setting('perf_retention_days', '60', 'days', 'How long.')")

    assert db.execute("select setting('job_retention_days')").fetchone() == ("7",)
    assert db.execute("select setting('perf_retention_days')").fetchone() == ("60",)


def test_only_members_of_the_owner_move_the_clock(db, connect):
    db.execute("create role plumb_test_app login in role plumb_reader")
    try:
        db.execute("set plumb.\"current_time\" = '2001-01-01'")
        assert db.execute("select plumb.current_time()::date::text").fetchone() == ("2001-01-01",)

        session = connect(user="plumb_test_app")
        session.execute("set plumb.\"current_time\" = '2001-01-01'")
        assert session.execute("select plumb.current_time() = '2001-01-01'").fetchone() == (False,)
        session.close()
    finally:
        db.execute("drop role plumb_test_app")
