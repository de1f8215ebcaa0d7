"""pg_cron's grid: what it can express runs as asked, what it cannot is refused with the value."""

import pytest
from psycopg import errors

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def schedule(db, interval_ms, has_seconds=True):
    return db.execute("select plumb.cron_schedule(%s, %s)", [interval_ms, has_seconds]).fetchone()[
        0
    ]


def test_seconds_are_seconds_where_pg_cron_knows_them(db):
    assert [schedule(db, s * 1000) for s in (1, 5, 59)] == ["1 seconds", "5 seconds", "59 seconds"]


def test_seconds_become_every_minute_where_it_does_not(db):
    assert {schedule(db, s * 1000, has_seconds=False) for s in (1, 5, 59)} == {"* * * * *"}


def test_minutes_that_divide_an_hour(db):
    minutes = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)

    assert [schedule(db, m * MINUTE) for m in minutes] == ["* * * * *"] + [
        f"*/{m} * * * *" for m in minutes[1:]
    ]


def test_hours_that_divide_a_day_and_the_day_itself(db):
    hours = (1, 2, 3, 4, 6, 8, 12)

    assert [schedule(db, h * HOUR) for h in hours] == ["0 * * * *"] + [
        f"0 */{h} * * *" for h in hours[1:]
    ]
    assert schedule(db, DAY) == "0 3 * * *"


def test_anything_else_is_refused_with_its_value(db):
    odd = [0, -MINUTE, 1, 999, 1500, 61_000, 90_000, DAY - 1, DAY + HOUR, 2 * DAY]
    minutes_and_hours = [7 * MINUTE, 45 * MINUTE, 90 * MINUTE, 5 * HOUR, 7 * HOUR]
    for interval_ms in odd + minutes_and_hours:
        for has_seconds in (True, False):
            with pytest.raises(errors.Error, match=f"every {interval_ms} ms") as error:
                schedule(db, interval_ms, has_seconds)
            assert error.value.sqlstate == "PL003"


def test_the_seeds_intervals_are_on_the_grid(db):
    rows = db.execute(
        "select name, plumb.cron_schedule(plumb.setting_number(name)::bigint, false)"
        " from plumb.settings where name like '%\\_interval\\_ms'"
    ).fetchall()

    assert (
        dict(rows).items()
        >= {
            "invariant_interval_ms": "*/5 * * * *",
            "perf_interval_ms": "*/10 * * * *",
            "security_interval_ms": "*/15 * * * *",
            "health_interval_ms": "*/5 * * * *",
            "backup_interval_ms": "0 3 * * *",
            "exec_report_interval_ms": "0 3 * * *",
            "idempotency_interval_ms": "0 * * * *",
        }.items()
    )
