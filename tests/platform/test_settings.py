"""Every number an operator may turn: named, typed, and followed at once."""

import pytest
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
