"""A statement is slow against its own past, and new ones against a limit."""

import pytest
from plumbline.core.migrate import migrate

QUERYID = 42


@pytest.fixture
def counters(db):
    """Stand in for pg_stat_statements' counters, which nobody can make exact milliseconds."""
    db.execute("create table public.counters (queryid bigint, calls bigint, total_ms float8)")
    db.execute("grant select on public.counters to plumb_owner")
    db.execute(
        "create or replace function plumb.current_statements()"
        " returns table (queryid bigint, query text, calls bigint, total_ms double precision)"
        " language sql stable security definer set search_path = pg_catalog, pg_temp as"
        " 'select c.queryid, ''select slow'', c.calls, c.total_ms from public.counters as c'"
    )
    db.execute("insert into public.counters values (42, 0, 0)")
    db.execute("select plumb.sample_statements()")

    def run(calls, mean_ms):
        db.execute(
            "update public.counters set calls = calls + %s, total_ms = total_ms + %s",
            [calls, calls * mean_ms],
        )
        db.execute("select plumb.sample_statements()")
        return db.execute(
            "select verdict, calls, mean_ms, baseline_ms from plumb.statement_observations"
            " order by statement_observation_id desc limit 1"
        ).fetchone()

    return run


def test_what_is_quick_is_usual(counters):
    assert counters(10, 5) == ("usual", 10, 5, None)


def test_a_slow_statement_without_a_past_is_new(counters):
    assert counters(3, 150)[0] == "new"


def test_what_was_always_slow_becomes_usual(counters):
    for _ in range(5):
        counters(3, 150)

    assert counters(3, 160) == ("usual", 3, 160, 150)


def test_a_statement_that_doubled_regressed_and_clears(db, counters, open_incidents):
    for _ in range(5):
        counters(10, 80)
    assert counters(10, 200) == ("regressed", 10, 200, 80)
    db.execute("select plumb.judge_statements()")
    assert open_incidents("slow-statement") == [("regressed", "P3")]

    counters(10, 85)
    db.execute("select plumb.judge_statements()")
    assert open_incidents("slow-statement") == []


def test_a_regression_does_not_become_the_baseline(counters):
    for _ in range(5):
        counters(10, 80)
    for _ in range(20):
        assert counters(10, 200)[0] == "regressed"


def test_a_statement_that_is_only_new_is_no_alarm(db, counters, open_incidents):
    counters(3, 150)

    assert db.execute("select plumb.judge_statements()").fetchone() == (1,)

    assert open_incidents("slow-statement") == []


def test_the_incident_says_which_statement_and_how_slow(db, counters):
    for _ in range(5):
        counters(10, 80)
    counters(10, 200)
    db.execute("select plumb.judge_statements()")
    titles = db.execute("select title from open_incidents").fetchall()
    assert titles == [("1 statement is slower than usual: 200.0 ms, usually 80.0 ms: select slow",)]


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from plumb.database_checks",
        'select * from "plumb".open_incidents',
        "select count(*) from database_checks",
        "SELECT describe_metrics()",
        "select * from plumb_guide.incidents",
        "select create_executive_report()",
        "COPY retail.sales (sale_id, total) TO stdout;",
    ],
)
def test_looking_at_plumbline_is_no_slow_statement(db, statement):
    assert db.execute("select plumb.is_own_statement(%s)", [statement]).fetchone() == (True,)


def test_what_the_application_has_under_our_name_is_its_own(db):
    db.execute("create table public.settings (id int)")
    for statement in ("select * from settings", "select count(*) from sales", "update orders"):
        found = db.execute("select plumb.is_own_statement(%s)", [statement]).fetchone()
        assert (statement, found) == (statement, (False,))


def test_our_roles_are_left_out(db, connect):
    if not db.execute("select 1 from pg_extension where extname = 'pg_stat_statements'").fetchone():
        pytest.skip("pg_stat_statements is not preloaded")
    connect(role="plumb_worker").execute("select 4711 as by_the_worker")
    db.execute("select 4712 as by_a_person")
    known = " ".join(q for (q,) in db.execute("select query from plumb.current_statements()"))
    assert "by_a_person" in known
    assert "by_the_worker" not in known


def test_an_incident_ends_when_the_statement_runs_no_more(db, counters, open_incidents):
    for _ in range(5):
        counters(10, 80)
    counters(10, 200)
    db.execute("select plumb.judge_statements()")
    assert open_incidents("slow-statement") == [("regressed", "P3")]

    db.execute("select plumb.sample_statements()")
    db.execute("select plumb.judge_statements()")
    assert open_incidents("slow-statement") == []


def test_counters_that_were_reset_count_from_zero(db, counters):
    counters(100, 5)
    db.execute("update public.counters set calls = 0, total_ms = 0")

    assert counters(4, 7)[:3] == ("usual", 4, 7)


def test_counters_that_were_reset_and_grew_past_are_never_negative(db, counters):
    counters(10, 50)
    db.execute("update public.counters set calls = 20, total_ms = 40")

    assert counters(0, 0)[:3] == ("usual", 20, 2)


def test_the_real_counters_are_read(db):
    db.execute("select plumb.sample_statements()")
    db.execute("select pg_sleep(0.12) as unmistakable")
    db.execute("select plumb.sample_statements()")

    assert db.execute(
        "select calls, verdict, mean_ms >= 100 from plumb.statement_observations"
        " where query like '%unmistakable%'"
    ).fetchone() == (1, "new", True)


def test_a_schema_of_the_extension_that_is_not_for_everybody_stops_no_job(db):
    db.execute("create schema apart; alter extension pg_stat_statements set schema apart")
    db.execute("call plumb.run_job('perf', true)")
    assert db.execute("select result from plumb.job_runs").fetchall() == [("succeeded",)]

    migrate(db.info.dsn, report=lambda _line: None, demo_schema="retail")

    assert db.execute("select count(*) > 0 from plumb.current_statements()").fetchone() == (True,)
