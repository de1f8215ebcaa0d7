"""A database with a past: what happened on the days before a fixed moment."""

import pytest

NOW = "2026-03-10T00:00:00+00:00"


@pytest.fixture
def history(db):
    """Return a superuser's session at a fixed moment, before which nothing happened yet."""
    db.execute(f"select set_config('plumb.current_time', '{NOW}', false)")
    db.execute("set timezone = 'UTC'")
    return db


@pytest.fixture
def busy(history):
    """Return the same, after two days of measuring: one quiet, the last one with an incident."""
    history.execute("""
        insert into plumb.health_scores (score, grade, is_safe_mode, components, created_at)
        select case when t >= '2026-03-09 12:00+00' then 70 else 95 end, 'A', false, '[]', t
        from generate_series('2026-03-08 00:00+00'::timestamptz, '2026-03-09 23:55+00', '5 min') t
    """)
    history.execute("""
        insert into plumb.drift_scores (
            score, mode, invariants_holding, invariants_violated, violation_count, created_at
        )
        select 100, 'cycle', 7, 0, 0, t
        from generate_series('2026-03-08 00:00+00'::timestamptz, '2026-03-09 23:55+00', '5 min') t
    """)
    history.execute("""
        with opened as (
            insert into plumb.incidents (
                source, scope, priority, status, title, auto_healed,
                first_opened_at, opened_at, last_seen_at, acknowledged_at, resolved_at
            )
            values (
                'invariant', 'NO_NEGATIVE_STOCK', 'P1', 'RESOLVED', 'a <b>|shelf|</b> below zero',
                true, '2026-03-09 12:00+00', '2026-03-09 12:00+00', '2026-03-09 12:10+00',
                '2026-03-09 12:02+00', '2026-03-09 12:20+00'
            )
            returning incident_id
        )
        insert into plumb.incident_events (incident_id, event, to_status, occurred_at)
        select incident_id, e, s, t::timestamptz from opened, (values
            ('opened', 'OPEN', '2026-03-09 12:00+00'),
            ('escalated', 'ESCALATED', '2026-03-09 12:15+00'),
            ('resolved', 'RESOLVED', '2026-03-09 12:20+00')
        ) as v (e, s, t)
    """)
    return history


@pytest.fixture
def write(history):
    """Return a function that writes a report and returns it."""

    def write_report(since=None, until=None) -> dict:
        (report_id,) = history.execute(
            "select plumb.create_executive_report(%s, %s)", [since, until]
        ).fetchone()
        return history.execute(
            "select plumb.describe_executive_report(%s)", [report_id]
        ).fetchone()[0]

    return write_report
