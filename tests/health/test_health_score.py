"""Six components that explain themselves, their sum, its grade, and what grade F does."""

import pytest
from scores import ALL_BROKEN, make_stock_negative, record_backup, report_traffic, score


class TestIntegrity:
    """The drift score's share of 30."""

    def test_never_checked_is_unknown_without_points(self, component):
        measured = component("integrity")

        assert (measured["status"], measured["points"]) == ("unknown", 0)

    def test_all_true_keeps_all_points(self, db, component):
        db.execute("select * from plumb.check_invariants()")

        measured = component("integrity")

        assert (measured["status"], measured["points"], measured["value"]) == ("good", 30, 100)

    def test_it_falls_with_the_drift_score(self, db, component):
        make_stock_negative(db)
        db.execute("select * from plumb.check_invariants()")
        (drift,) = db.execute("select score from drift_scores").fetchone()

        measured = component("integrity")

        assert drift < 85
        assert measured["status"] == "bad"
        assert measured["points"] == pytest.approx(float(drift) * 0.3)
        assert "violations" in measured["reason"]

    def test_an_old_drift_score_is_unknown(self, db, at, component):
        db.execute("select * from plumb.check_invariants()")
        at("12 minutes")

        measured = component("integrity")

        assert (measured["status"], measured["points"]) == ("unknown", 0)
        assert "the last drift score is from" in measured["reason"]

    def test_an_invariant_that_cannot_be_checked_is_named(self, db, component):
        db.execute("drop view plumb_rules.no_negative_stock")
        db.execute("select * from plumb.check_invariants()")

        measured = component("integrity")

        assert measured["status"] == "unknown"
        assert "NO_NEGATIVE_STOCK" in measured["reason"]


class TestTraffic:
    """Latency and error rate share their window."""

    @pytest.mark.parametrize("name", ["error_rate", "latency"])
    def test_without_a_reporter_it_is_unknown_without_points(self, component, name):
        measured = component(name)

        assert (measured["status"], measured["points"]) == ("unknown", 0)

    @pytest.mark.parametrize(("name", "points"), [("error_rate", 20), ("latency", 15)])
    def test_silence_is_idle_and_keeps_its_points(self, db, component, name, points):
        report_traffic(db, 0, p95_ms=None)

        measured = component(name)

        assert (measured["status"], measured["points"]) == ("idle", points)

    @pytest.mark.parametrize("name", ["error_rate", "latency"])
    def test_what_is_older_than_the_window_does_not_count(self, db, at, component, name):
        report_traffic(db, 100, errors=100, p95_ms=9999)
        at("6 minutes")

        assert component(name)["status"] == "unknown"

    def test_error_rate_follows_its_bands(self, db, component):
        seen = {}
        for errors in (1, 2, 10, 11, 30, 31, 100, 101):
            db.execute("truncate plumb.perf_observations")
            report_traffic(db, 1000, errors=errors)
            measured = component("error_rate")
            seen[errors] = (measured["status"], measured["points"])
            assert measured["value"] == pytest.approx(errors / 10)
            assert measured["threshold"] == pytest.approx(0.1)

        assert seen == {
            1: ("good", 20),
            2: ("bad", 15),
            10: ("bad", 15),
            11: ("bad", 10),
            30: ("bad", 10),
            31: ("bad", 5),
            100: ("bad", 5),
            101: ("bad", 0),
        }

    def test_latency_follows_its_bands(self, db, component):
        seen = {}
        for p95_ms in (200, 201, 500, 1000, 2000, 2001):
            db.execute("truncate plumb.perf_observations")
            report_traffic(db, 10, p95_ms=p95_ms)
            measured = component("latency")
            seen[p95_ms] = (measured["status"], measured["points"])
            assert (measured["value"], measured["threshold"]) == (p95_ms, 200)

        assert seen == {
            200: ("good", 15),
            201: ("bad", 10.5),
            500: ("bad", 10.5),
            1000: ("bad", 6),
            2000: ("bad", 3),
            2001: ("bad", 0),
        }

    def test_an_operator_may_move_a_band(self, db, component):
        db.execute(
            "update plumb.health_bands set value_max = 300"
            " where component = 'latency' and value_max = 200"
        )
        report_traffic(db, 10, p95_ms=300)

        measured = component("latency")

        assert (measured["status"], measured["threshold"]) == ("good", 300)


class TestIncidents:
    """A P1 takes 10 off, a P2 5, a P3 2."""

    def test_none_open_keeps_all_points(self, component):
        measured = component("incidents")

        assert (measured["status"], measured["points"], measured["value"]) == ("good", 20, 0)

    @pytest.mark.parametrize(
        ("priorities", "points"),
        [("P1", 10), ("P2", 15), ("P3", 18), ("P4", 20), ("P1 P2 P3", 3), ("P1 P1 P1", 0)],
    )
    def test_each_open_one_costs_its_points(self, db, component, priorities, points):
        for number, priority in enumerate(priorities.split()):
            db.execute(
                "select plumb.open_incident('test', %s, %s, 'problem')", [str(number), priority]
            )

        measured = component("incidents")

        assert (measured["status"], measured["points"]) == ("bad", points)
        assert measured["value"] == len(priorities.split())
        assert "problem" in measured["reason"]

    def test_a_resolved_one_costs_nothing(self, db, component):
        db.execute("select plumb.open_incident('test', 'x', 'P1', 'problem')")
        db.execute("select plumb.resolve_incident('test', 'x', 'gone')")

        assert component("incidents")["points"] == 20


class TestBackup:
    """Age of the last backup that was proven valid."""

    def test_no_valid_backup_is_unknown_without_points(self, db, component):
        record_backup(db, "1 hour", status="invalid")

        measured = component("backup")

        assert (measured["status"], measured["points"]) == ("unknown", 0)

    def test_it_loses_points_with_age(self, db, at, component):
        record_backup(db, "0")
        seen = []
        for age in (1, 24, 25, 48, 49, 72, 73):
            at(f"{age} hours")
            measured = component("backup")
            assert measured["value"] == age
            seen.append((measured["status"], measured["points"]))

        assert seen == [("good", 10)] * 2 + [("bad", 5)] * 2 + [("bad", 2)] * 2 + [("bad", 0)]

    def test_the_newest_valid_one_counts(self, db, component):
        record_backup(db, "100 hours")
        record_backup(db, "2 hours")
        record_backup(db, "1 hour", status="invalid")

        assert component("backup")["value"] == 2


class TestMigrations:
    """All applied = 5."""

    def test_the_expected_revision_keeps_all_points(self, component):
        measured = component("migrations")

        assert (measured["status"], measured["points"]) == ("good", 5)

    def test_another_revision_has_none_and_names_both(self, db, component):
        db.execute("select plumb.expect_revision('9999')")

        measured = component("migrations")

        assert (measured["status"], measured["points"]) == ("bad", 0)
        assert "9999" in measured["reason"]

    def test_no_expectation_is_unknown(self, db, component):
        db.execute("select plumb.expect_revision(null)")

        assert component("migrations")["status"] == "unknown"


class TestSum:
    """The score, its grade and its cap."""

    def test_everything_good_is_a_hundred_and_an_a(self, db):
        db.execute("select * from plumb.check_invariants()")
        report_traffic(db, 100)
        record_backup(db, "1 hour")

        assert score(db) == (100, "A", None)

    def test_grades_begin_at_their_lowest_score(self, db):
        scores = ["100", "90", "89.99", "75", "74.99", "60", "59.99", "40", "39.99", "0"]

        grades = db.execute(
            "select string_agg(plumb.health_grade(s), '' order by s desc)"
            " from unnest(%s::numeric[]) as s",
            [scores],
        ).fetchone()

        assert grades == ("AABBCCDDFF",)

    def test_a_component_that_fails_is_unknown_and_stops_nothing(self, db, component):
        db.execute(
            "create or replace function plumb.measure_backup(p_max_points numeric)"
            " returns plumb.health_measurement language sql stable as"
            " $$select ('x', 1 / (p_max_points - 10), null, null, '')::plumb.health_measurement$$"
        )

        measured = component("backup")

        assert (measured["status"], measured["points"]) == ("unknown", 0)
        assert "division by zero" in measured["reason"]
        assert component("migrations")["points"] == 5

    def test_a_component_whose_function_is_missing_is_unknown(self, db, component):
        db.execute("update plumb.health_components set measured_by = 'plumb.gone'")

        assert component("latency")["status"] == "unknown"

    def test_lost_integrity_caps_the_score_at_39(self, db):
        db.execute(ALL_BROKEN)
        make_stock_negative(db)
        report_traffic(db, 100)
        record_backup(db, "1 hour")
        db.execute("select * from plumb.check_invariants()")

        value, grade, cap_reason = score(db)

        assert (value, grade) == (39, "F")
        assert "the sum was" in cap_reason

    def test_the_cap_can_be_switched_off(self, db):
        db.execute(ALL_BROKEN)
        make_stock_negative(db)
        report_traffic(db, 100)
        record_backup(db, "1 hour")
        db.execute("select * from plumb.check_invariants()")
        db.execute("select plumb.change_setting('health_cap_enabled', 'false')")

        value, grade, cap_reason = score(db)

        assert value > 39
        assert (grade != "F", cap_reason) == (True, None)

    def test_low_drift_without_a_p1_is_not_capped(self, db):
        db.execute(
            "insert into plumb.drift_scores (score, mode, invariants_holding, invariants_violated,"
            " violation_count, created_at) values (10, 'deep', 0, 7, 7, plumb.current_time())"
        )

        assert score(db)[2] is None

    def test_health_explained_says_how_old_it_is(self, db, at):
        age = "select distinct age_seconds, is_stale from plumb.health_explained"
        db.execute("select plumb.score_health()")
        assert db.execute(age).fetchall() == [(0, False)]
        at("240 s")
        assert db.execute(age).fetchall() == [(240, False)]
        at("901 s")
        assert db.execute(age).fetchall() == [(901, True)]
        at("-60 s")
        assert db.execute(age).fetchall() == [(-60, True)]

    def test_health_explained_shows_where_every_point_went(self, db):
        db.execute("select * from plumb.check_invariants()")
        db.execute("select plumb.score_health()")

        rows = db.execute(
            "select component, status, points, max_points, reason, score from health_explained"
        ).fetchall()

        assert [row[0] for row in rows] == [
            "integrity",
            "error_rate",
            "latency",
            "incidents",
            "backup",
            "migrations",
        ]
        assert sum(row[2] for row in rows) == rows[0][5]
        assert sum(row[3] for row in rows) == 100
        assert all(row[4] for row in rows)
