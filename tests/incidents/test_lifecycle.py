"""The life of an incident, as the architecture guide draws it."""

from datetime import datetime, timedelta

import psycopg
import pytest

START = datetime.fromisoformat("2026-03-01 10:00:00+00:00")


@pytest.fixture
def broken(shop):
    """A shop whose sale 1 says 31 while its line and its payment say 30: two P1s."""
    shop.execute("update sales set total = 31 where sale_id = 1")
    shop.execute("delete from payments")
    shop.execute("update sales set status = 'OPEN'")
    return shop


def cycle(db, minute=0):
    """Run one round as if so many minutes had passed since 10:00."""
    time = START + timedelta(minutes=minute)
    db.execute("select set_config('plumb.current_time', %s, false)", [str(time)])
    db.execute("select check_invariants()")


def incident(db, columns="status"):
    rows = db.execute(
        f"select {columns} from incidents where scope = 'SALE_TOTAL_MATCHES_LINE_ITEMS'"
    ).fetchall()
    assert len(rows) == 1
    return rows[0]


def timeline(db):
    return db.execute(
        "select event, from_status, to_status from incident_events join incidents using"
        " (incident_id) where scope = 'SALE_TOTAL_MATCHES_LINE_ITEMS' order by incident_event_id"
    ).fetchall()


def repair(db):
    db.execute("update sales set total = 30 where sale_id = 1")


def test_a_violation_creates_an_incident_of_its_priority(broken):
    cycle(broken)
    assert incident(broken, "priority, status, title, occurrence_count, attempts, runbook_url") == (
        "P1",
        "OPEN",
        "SALE_TOTAL_MATCHES_LINE_ITEMS: 1 violation",
        1,
        0,
        "docs/runbooks/sale_total_matches_line_items.md",
    )


def test_the_violations_point_to_their_incident(broken):
    cycle(broken)
    rows = broken.execute(
        "select i.scope, v.subject from current_violations as v join incidents as i"
        " using (incident_id)"
    )
    assert rows.fetchall() == [("SALE_TOTAL_MATCHES_LINE_ITEMS", "1")]


def test_the_alert_is_written_in_the_incidents_own_transaction(broken):
    cycle(broken)
    rows = broken.execute(
        "select o.topic, o.payload ->> 'status', o.xmin = e.xmin and o.xmin = i.xmin"
        " from outbox as o join incident_events as e using (incident_id)"
        " join incidents as i using (incident_id)"
    )
    assert rows.fetchall() == [("incident.opened", "OPEN", True)]


def test_a_round_that_is_rolled_back_alerts_nobody(broken):
    with broken.transaction(force_rollback=True):
        cycle(broken)
    assert broken.execute("select count(*) from outbox").fetchone() == (0,)


def test_the_next_cycle_is_an_attempt_to_heal(broken):
    cycle(broken)
    cycle(broken, 5)
    assert incident(broken, "status, attempts") == ("AUTO_HEALING", 1)


def test_three_attempts_escalate(broken):
    for minute in range(3):
        cycle(broken, minute)
    assert incident(broken, "status, attempts") == ("AUTO_HEALING", 2)
    cycle(broken, 3)
    assert incident(broken, "status, attempts") == ("ESCALATED", 3)
    note = broken.execute("select note from incident_events where event = 'escalated'").fetchone()
    assert note == ("not healed after 3 attempts",)


@pytest.mark.parametrize(("minutes", "status"), [(15, "AUTO_HEALING"), (15.1, "ESCALATED")])
def test_more_than_fifteen_minutes_escalate(broken, minutes, status):
    cycle(broken)
    cycle(broken, minutes)
    assert incident(broken, "status, attempts") == (status, 1)


def test_what_its_source_never_reports_again_escalates_by_age_too(db):
    db.execute("select set_config('plumb.current_time', %s, false)", [str(START)])
    db.execute("select open_incident('backup', 'daily', 'P2', 'no backup')")
    later = str(START + timedelta(minutes=16))
    db.execute("select set_config('plumb.current_time', %s, false)", [later])
    assert db.execute("select run_incidents()").fetchone() == ("1 escalated",)
    assert db.execute("select status from incidents").fetchone() == ("ESCALATED",)
    assert db.execute("select run_incidents()").fetchone() == ("0 escalated",)


def test_an_escalated_incident_stays_escalated_and_is_told_once(broken):
    for minute in range(6):
        cycle(broken, minute)
    assert incident(broken, "status, attempts") == ("ESCALATED", 5)
    told = broken.execute("select count(*) from outbox where topic = 'incident.escalated'")
    assert told.fetchone() == (1,)


@pytest.mark.parametrize("cycles", [1, 2, 4], ids=["OPEN", "AUTO_HEALING", "ESCALATED"])
def test_when_the_violation_clears_it_is_resolved_as_healed(broken, cycles):
    for minute in range(cycles):
        cycle(broken, minute)
    repair(broken)
    cycle(broken, 9)
    assert incident(broken, "status, auto_healed, occurrence_count, resolved_at::text") == (
        "RESOLVED",
        True,
        0,
        "2026-03-01 10:09:00+00",
    )
    assert broken.execute("select * from open_incidents").fetchall() == []


def test_the_timeline_tells_every_change(broken):
    for minute in range(4):
        cycle(broken, minute)
    repair(broken)
    cycle(broken, 4)
    assert timeline(broken) == [
        ("opened", None, "OPEN"),
        ("auto_healing", "OPEN", "AUTO_HEALING"),
        ("escalated", "AUTO_HEALING", "ESCALATED"),
        ("resolved", "ESCALATED", "RESOLVED"),
    ]
    topics = broken.execute("select topic from outbox order by message_id").fetchall()
    assert [t for (t,) in topics] == [f"incident.{event}" for event, _, _ in timeline(broken)]


def test_a_clear_that_comes_back_within_the_flap_window_reopens(broken):
    cycle(broken)
    repair(broken)
    cycle(broken, 5)
    broken.execute("update sales set total = 31 where sale_id = 1")
    cycle(broken, 19)
    assert incident(broken, "status, flap_count, attempts, auto_healed, resolved_at") == (
        "OPEN",
        1,
        0,
        False,
        None,
    )
    assert timeline(broken)[-1] == ("reopened", "RESOLVED", "OPEN")


def test_after_the_flap_window_it_is_a_new_incident(broken):
    cycle(broken)
    repair(broken)
    cycle(broken, 5)
    broken.execute("update sales set total = 31 where sale_id = 1")
    cycle(broken, 21)
    statuses = broken.execute("select status, flap_count from incidents order by incident_id")
    assert statuses.fetchall() == [("RESOLVED", 0), ("OPEN", 0)]


def test_what_keeps_coming_back_is_escalated_though_it_clears_every_time(broken):
    for minute in range(0, 8, 2):
        broken.execute("update sales set total = 31 where sale_id = 1")
        cycle(broken, minute)
        status = incident(broken)[0]
        repair(broken)
        cycle(broken, minute + 1)
    assert status == "ESCALATED"
    assert incident(broken, "flap_count") == (3,)


def test_an_incident_becomes_more_urgent_but_never_less(db):
    for priority in ("P3", "P1", "P2"):
        db.execute("select open_incident('security', 'client', %s, 'odd')", [priority])
    assert db.execute("select priority from incidents").fetchall() == [("P1",)]
    note = db.execute("select note from incident_events where event = 'priority_raised'")
    assert note.fetchall() == [("from P3 to P1",)]


def test_one_incident_per_source_and_scope_never_one_per_row(shop):
    shop.execute("update stock set quantity = -1")
    cycle(shop)
    rows = shop.execute(
        "select title, occurrence_count from incidents where scope = 'NO_NEGATIVE_STOCK'"
    )
    assert rows.fetchall() == [("NO_NEGATIVE_STOCK: 2 violations", 2)]


def test_another_scope_is_another_incident(db):
    for scope in ("one", "two", "one"):
        db.execute("select open_incident('test', %s, 'P3', 'odd')", [scope])
    assert db.execute("select scope from incidents order by 1").fetchall() == [("one",), ("two",)]


def test_escalating_what_is_not_open_is_an_error(db):
    with pytest.raises(psycopg.Error, match="incident 99 cannot be escalated: it does not exist"):
        db.execute("select escalate_incident(99, 'now')")


def test_the_seeds_query_shows_what_is_open(broken):
    cycle(broken)
    rows = broken.execute("SELECT * FROM incidents WHERE status NOT IN ('RESOLVED','CLOSED')")
    assert len(rows.fetchall()) == 1


def test_open_incidents_answers_in_words(broken):
    cycle(broken)
    broken.execute("select open_incident('test', 'mild', 'P4', 'Something mild')")
    cycle(broken, 5)
    rows = broken.execute("select priority, status, title, age::text from open_incidents")
    assert rows.fetchall() == [
        ("P1", "AUTO_HEALING", "SALE_TOTAL_MATCHES_LINE_ITEMS: 1 violation", "00:05:00"),
        ("P4", "OPEN", "Something mild", "00:05:00"),
    ]


def test_what_happens_by_itself_is_done_by_plumb_and_not_by_a_role(db, at):
    db.execute("select open_incident('shop', 'TILL', 'P1', 'wrong')")
    at(3600)
    db.execute("call plumb.run_job('incident', true)")
    rows = db.execute("select event, actor from incident_events order by incident_event_id")
    assert rows.fetchall() == [("opened", "plumb"), ("escalated", "plumb")]
    payloads = db.execute("select payload ->> 'actor' from outbox order by message_id").fetchall()
    assert payloads == [("plumb",), ("plumb",)]
