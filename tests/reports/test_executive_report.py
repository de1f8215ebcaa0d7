"""The executive report: right figures, beside those before, and honest where nothing is known."""

import pytest
from psycopg import errors


def figures(report):
    return {f["measure"]: f for s in report["sections"] for f in s["figures"]}


def section(report, name):
    return next(s for s in report["sections"] if s["section"] == name)


def test_an_empty_database_knows_nothing_and_says_so(write):
    report = write()

    assert report["status"] == "unknown"
    assert report["headline"] == "Nothing was measured in this period."
    assert section(report, "health")["text"] == "Health was never measured in this period."
    assert section(report, "incidents")["text"] == "No check ran, so none is known."
    assert figures(report)["score_last"]["valueText"] == "unknown"
    assert figures(report)["violations_found"]["value"] is None


def test_the_figures_of_a_day_stand_beside_those_of_the_day_before(busy, write):
    report = write()

    found = figures(report)
    assert (found["score_average"]["value"], found["score_average"]["before"]) == (82.5, 95)
    assert (found["incidents_opened"]["value"], found["incidents_opened"]["before"]) == (1, 0)
    # It was escalated to a person, and one acknowledged it.
    assert found["incidents_healed"]["value"] == 0
    assert found["mtta_seconds"]["valueText"] == "2 min"
    assert found["mttr_seconds"]["valueText"] == "20 min"
    assert "Opened: 1 (0 before)" in section(report, "incidents")["text"]
    assert report["lists"]["incidents"][0]["title"] == "a <b>|shelf|</b> below zero"


def test_what_needs_a_person_is_in_the_headline(busy, write):
    busy.execute(
        "update incidents set status = 'ESCALATED', resolved_at = null, auto_healed = false"
    )

    report = write()

    assert report["headline"] == (
        "Something needs a person: incidents."
        " 1 incident was escalated to a person, 1 incident opened."
    )
    assert section(report, "incidents")["status"] == "bad"


def test_a_gap_is_named_and_its_time_is_unknown(busy, write):
    busy.execute(
        "delete from health_scores where created_at > '2026-03-09 06:00+00'"
        " and created_at < '2026-03-09 09:00+00'"
    )

    report = write()

    assert report["lists"]["gaps"] == [
        {"from": "2026-03-09T06:00:00+00:00", "to": "2026-03-09T09:00:00+00:00"}
    ]
    assert "Health was not measured for 3 h of it" in section(report, "health")["text"]
    assert [s["score"] for s in report["series"]].count(None) == 5


def test_time_in_safe_mode_is_counted_from_before_the_period(busy, write):
    busy.execute(
        "insert into system_mode_changes (mode, reason, actor, is_automatic, changed_at) values"
        " ('safe', 'r', 'a', false, '2026-03-08 23:00+00'),"
        " ('normal', 'r', 'a', false, '2026-03-09 01:00+00')"
    )

    found = figures(write())["safe_mode_seconds"]

    assert (found["value"], found["before"]) == (3600, 3600)


def test_the_volume_of_the_audit_log_comes_from_its_seals(history, write):
    history.execute("select set_config('plumb.current_time', '', false)")
    history.execute("select plumb.seal_audit()")
    (since,) = history.execute("select clock_timestamp()").fetchone()
    history.execute("insert into retail.customers (name) values ('Ada'), ('Grace')")
    history.execute("select plumb.seal_audit()")

    found = figures(write(since))

    assert (found["audit_rows"]["value"], found["audit_transactions"]["value"]) == (2, 1)


def test_an_invalid_backup_is_bad_and_a_proven_one_shows_its_restore_time(busy, write):
    busy.execute(
        "insert into backup_validations"
        " (backup_name, status, taken_at, restore_seconds, started_at, finished_at) values"
        " ('one', 'valid', '2026-03-09 03:00+00', 4.25, '2026-03-09 03:01+00',"
        " '2026-03-09 03:02+00')"
    )
    good = write()
    busy.execute("update backup_validations set status = 'invalid'")
    bad = write()

    assert section(good, "backups")["status"] == "good"
    assert figures(good)["restore_seconds"]["valueText"] == "4.3 s"
    assert figures(good)["valid_backup_age_seconds"]["valueText"] == "21 h"
    assert section(bad, "backups")["status"] == "unknown"
    assert "No backup was ever proven" in section(bad, "backups")["text"]


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        ("2026-03-09", "2026-03-08", "has no time in it"),
        ("2026-03-09", "2026-03-09", "has no time in it"),
        ("-infinity", None, "has no time in it"),
        (None, "2026-03-11", "would end in the future"),
        ("2020-01-01", "2026-03-01", "is longer than 400 days"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(history, write, since, until, message):
    with pytest.raises(errors.DatabaseError, match=message) as refused:
        write(since, until)

    assert refused.value.sqlstate == "PL002"
    assert history.execute("select count(*) from executive_reports").fetchone() == (0,)


def test_the_daily_report_begins_where_the_last_one_ended(busy):
    busy.execute("select plumb.run_executive_report()")
    busy.execute("select set_config('plumb.current_time', '2026-03-11T02:00:00+00:00', false)")

    (said,) = busy.execute("select plumb.run_executive_report()").fetchone()

    assert said == "report 2: Nothing was measured in this period."
    assert busy.execute(
        "select period_ended_at - period_started_at = '26 h' from executive_reports"
        " order by executive_report_id desc limit 1"
    ).fetchone() == (True,)


def test_a_report_is_queued_for_the_executive_webhook(busy, write):
    report = write()

    (topic, payload) = busy.execute("select topic, payload from outbox").fetchone()
    assert topic == "report.executive"
    assert payload["executiveReportId"] == report["executiveReportId"]
    assert payload["headline"] == report["headline"]


def test_a_reader_sees_it_in_words(busy, write):
    write()
    busy.execute("set role plumb_reader")

    (headline, summary) = busy.execute(
        "select headline, summary from executive_summaries"
    ).fetchone()

    assert headline == (
        "1 incident was escalated to a person, 1 incident opened. No incident is open."
        " Not known: performance, backups, audit log."
    )
    assert "Health: The score ended at 70" in summary


def test_old_reports_go(busy, write):
    write()
    busy.execute("select set_config('plumb.current_time', '2030-03-11', false)")

    busy.execute("select plumb.prune_history()")

    assert busy.execute("select count(*) from executive_reports").fetchone() == (0,)


def test_a_scheduler_that_died_leaves_no_last_score_standing(busy, write):
    busy.execute("delete from plumb.health_scores where created_at > '2026-03-09 22:00+00'")

    report = write()

    health = next(s for s in report["sections"] if s["section"] == "health")
    last = next(f for f in health["figures"] if f["measure"] == "score_last")
    assert last["value"] is None
    assert health["status"] == "unknown"
    assert health["text"].startswith("What the score was at the end is unknown; its average was")


def test_where_nobody_looked_no_attack_is_not_good_news(write):
    security = next(s for s in write()["sections"] if s["section"] == "security")

    assert security["status"] == "unknown"
    assert security["text"] == "No scan ran, so no attack is known."
    assert {f["value"] for f in security["figures"]} == {None}


def deploy(session, name, status, at):
    session.execute(
        "with d as (insert into plumb.deployments (name, status, started_at, last_seen_at)"
        " values (%s, %s, %s, %s) returning deployment_id)"
        " insert into plumb.deployment_events (deployment_id, status, occurred_at)"
        " select deployment_id, %s, %s from d",
        [name, status, at, at, status, at],
    )


def test_a_release_that_was_rolled_back_is_in_the_headline_and_in_the_list(busy, write):
    deploy(busy, "rel-err", "rolled_back", "2026-03-09 10:00+00")
    busy.execute(
        "insert into plumb.deployment_gates (deployment, gate, status, reason, checked_at)"
        " values ('rel-err', 'DRIFT_SCORE', 'pass', '', '2026-03-09 09:59+00')"
    )

    report = write()

    assert report["headline"].startswith("1 deployment was rolled back, ")
    assert "rolled back: 1" in section(report, "deployments")["text"]
    assert section(report, "deployments")["status"] == "attention"
    assert report["lists"]["deployments"][0]["result"] == "rolled_back"
    assert "1 deployment was rolled back" in report["story"]["happened"]


def test_tampering_that_was_repaired_by_evening_is_told(busy, write):
    busy.execute(
        "with i as (insert into plumb.incidents (source, scope, priority, status, title,"
        " occurrence_count, first_opened_at, opened_at, last_seen_at, resolved_at) values"
        " ('audit', 'log', 'P1', 'RESOLVED', 'The audit log has 1 finding', 0,"
        " '2026-03-09 10:00+00', '2026-03-09 10:00+00', '2026-03-09 10:15+00',"
        " '2026-03-09 10:30+00') returning incident_id)"
        " insert into plumb.incident_events (incident_id, event, to_status, occurred_at)"
        " select incident_id, e, s, t::timestamptz from i, (values"
        " ('opened', 'OPEN', '2026-03-09 10:00+00'),"
        " ('resolved', 'RESOLVED', '2026-03-09 10:30+00')) as v (e, s, t)"
    )

    report = write()

    assert report["headline"].startswith(
        "1 place of the audited data or its log was not as written, "
    )
    audit = section(report, "audit")
    assert audit["status"] == "attention"
    assert "Verifications saw 1 place that is not as written" in audit["text"]


def test_a_verification_of_the_period_is_known_though_a_newer_one_came(history, write):
    history.execute(
        "insert into plumb.job_runs (job_name, result, started_at, finished_at) values"
        " ('audit-verify', 'succeeded', '2026-03-08 10:00+00', '2026-03-08 10:01+00'),"
        " ('audit-verify', 'succeeded', '2026-03-09 10:00+00', '2026-03-09 10:01+00')"
    )
    text = section(write("2026-03-08", "2026-03-09"), "audit")["text"]
    assert "The last verification, 14 h before the end, found nothing wrong." in text


def test_openings_and_endings_add_up_and_a_page_is_no_healing(db, at):
    db.execute("select change_setting('escalate_flaps', '100')")
    for number in range(4):
        at(200 * number)
        db.execute("select open_incident('shop', 'TILL', 'P2', 'wrong')")
        if number == 1:
            db.execute("select escalate_now(incident_id, 'look', 'ann') from open_incidents")
        if number == 2:
            db.execute("select acknowledge_incident(incident_id, 'ann') from open_incidents")
        at(200 * number + 60)
        db.execute("select resolve_incident('shop', 'TILL', 'gone')")
    at(900)
    db.execute("select open_incident('shop', 'TILL', 'P2', 'wrong')")
    at(1000)
    db.execute("select create_executive_report(plumb.current_time() - interval '1000 s')")

    (report,) = db.execute("select report from executive_reports").fetchone()
    found = {name: f["value"] for name, f in figures(report).items()}
    assert (found["incidents_opened"], found["incidents_ended"], found["incidents_open"]) == (
        5,
        4,
        1,
    )
    assert found["incidents_healed"] == 2
    assert report["story"] == {
        "happened": "It happened: 1 incident was escalated to a person, 5 incidents opened.",
        "done": "4 incidents ended: 2 without a person, 2 after one was called or acted.",
        "open": "1 incident is open, none of them P1.",
    }


def test_an_incident_that_is_resolved_and_closed_later_ended_once(db, at):
    db.execute("select open_incident('shop', 'TILL', 'P2', 'wrong')")
    at(60)
    db.execute("select resolve_incident('shop', 'TILL', 'gone')")
    at(120)
    db.execute("select close_incident(incident_id, 'looked at', 'ann') from incidents")
    at(180)
    db.execute("select create_executive_report(plumb.current_time() - interval '180 s')")

    (report,) = db.execute("select report from executive_reports").fetchone()
    found = {name: f["value"] for name, f in figures(report).items()}
    assert (found["incidents_opened"], found["incidents_ended"], found["incidents_open"]) == (
        1,
        1,
        0,
    )
    assert found["incidents_healed"] == 1


def test_nothing_open_needs_no_person(busy, write):
    busy.execute(
        "insert into plumb.security_events (kind, severity, event_count, occurred_at, client)"
        " values ('brute_force', 'P2', 12, '2026-03-09 10:00+00', '203.0.113.7')"
    )
    report = write()
    assert section(report, "security")["status"] == "attention"
    assert "needs a person" not in report["headline"]


def test_weeks_and_months_are_reported_once_when_they_are_wanted(history):
    history.execute("select change_setting('report_periods', 'weekly,monthly')")
    # The first run is a Tuesday, the next ones are within the same week.
    for day in ("2026-03-10", "2026-03-11", "2026-03-12"):
        history.execute(f"select set_config('plumb.current_time', '{day}T01:00:00+00', false)")
        history.execute("select plumb.run_executive_report()")

    written = history.execute(
        "select created_by, period_started_at::date::text, period_ended_at::date::text"
        " from executive_reports order by executive_report_id"
    ).fetchall()
    assert written == [
        ("exec-report weekly", "2026-03-02", "2026-03-09"),
        ("exec-report monthly", "2026-02-01", "2026-03-01"),
    ]
