"""A check that cannot run is unknown, with its error kept, and stops no other."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

BROKEN = {
    "an error at run time": (
        "create or replace view plumb_rules.no_duplicate_invoices as"
        " select 1 / (count(*) - count(*)) as subject, '' as explanation, '' as value from sales",
        "division by zero",
    ),
    "a dropped view": ("drop view plumb_rules.no_duplicate_invoices", "does not exist"),
    "a row without a subject": (
        "create or replace view plumb_rules.no_duplicate_invoices as"
        " select null::bigint as subject, '' as explanation, '' as value",
        'null value in column "subject"',
    ),
}


@pytest.fixture(params=BROKEN)
def broken(shop, request):
    statement, error = BROKEN[request.param]
    definition = shop.execute(
        "select pg_get_viewdef('plumb_rules.no_duplicate_invoices')"
    ).fetchone()[0]
    shop.execute(statement)
    shop.error = error
    shop.repair = (
        "drop view if exists plumb_rules.no_duplicate_invoices;"
        f"create view plumb_rules.no_duplicate_invoices as {definition};"
        "grant select on plumb_rules.no_duplicate_invoices to plumb_owner"
    )
    return shop


def test_the_others_are_checked_and_the_broken_one_is_unknown(broken):
    broken.execute("update stock set quantity = -1 where product_id = 1")
    rows = broken.execute("select invariant, status from check_invariants()").fetchall()
    assert len(rows) == 7
    assert {name for name, status in rows if status == "unknown"} == {"NO_DUPLICATE_INVOICES"}
    assert ("NO_NEGATIVE_STOCK", "violated") in rows
    status, error = broken.execute(
        "select status, error from invariant_status where name = 'NO_DUPLICATE_INVOICES'"
    ).fetchone()
    assert status == "unknown"
    assert broken.error in error


def test_it_is_an_incident_until_it_runs_again(broken):
    incident = "select status, title from incidents where source = 'invariant-check'"
    broken.execute("select check_invariants()")
    assert broken.execute(incident).fetchall() == [
        ("OPEN", "NO_DUPLICATE_INVOICES could not be checked")
    ]
    broken.execute(broken.repair)
    broken.execute("select check_invariants()")
    assert [row[0] for row in broken.execute(incident).fetchall()] == ["RESOLVED"]


def test_what_was_known_before_stays_known(shop):
    shop.execute("insert into sales (invoice_no, customer_id) values ('R-1', 1)")
    shop.execute("select check_invariants()")
    shop.execute("drop view plumb_rules.no_duplicate_invoices")
    shop.execute("select check_invariants()")
    known = shop.execute("select invariant, subject from current_violations").fetchall()
    assert sorted(known) == [("NO_DUPLICATE_INVOICES", "1"), ("NO_DUPLICATE_INVOICES", "2")]


def test_rows_that_row_security_hides_leave_it_unknown_not_true(shop):
    status = "select status, error from invariant_status where name = 'CREDIT_LIMIT_NOT_EXCEEDED'"
    shop.execute("insert into payments (customer_id, amount) values (1, -101)")
    shop.execute("alter table customers enable row level security")
    shop.execute("alter table customers force row level security")
    shop.execute("select check_invariants()")
    found, error = shop.execute(status).fetchone()
    assert found == "unknown"
    assert "row-level security" in error

    shop.execute("alter table customers no force row level security")
    shop.execute("select check_invariants()")
    assert shop.execute(status).fetchone() == ("violated", None)


def test_an_unknown_mode_is_refused(db):
    for mode in ("shallow", None):
        with pytest.raises(Exception, match=r"check mode .* is not one of deep, cycle") as refused:
            db.execute("select check_invariants(%s)", [mode])
        assert refused.value.sqlstate == "PL002"


@pytest.fixture
def slow_view(shop):
    """A shop with a view that takes an hour by now, checked between the others."""
    shop.execute(
        """
        create function public.wait() returns setof integer language sql volatile
        begin atomic select 1 where false; end;
        create view public.slow as select w as subject from public.wait() as w;
        grant select on public.slow to plumb_owner;
        select declare_invariant('SLOW', 'public.slow', 'P1', 'Takes an hour.');
        create or replace function public.wait() returns setof integer language sql volatile
        begin atomic select 1 from pg_sleep(3600); end;
        """
    )
    return shop


def cancel_when_asleep(db, session):
    asleep = "select wait_event = 'PgSleep', pg_sleep(0.005) from pg_stat_activity where pid = %s"
    while not db.execute(asleep, [session.info.backend_pid]).fetchone()[0]:
        pass
    db.execute("select pg_cancel_backend(%s)", [session.info.backend_pid])


def test_a_job_that_the_watchdog_cancels_loses_only_the_slow_invariant(slow_view, connect):
    worker = connect(user="plumb_worker")
    with ThreadPoolExecutor(1) as thread:
        job = thread.submit(worker.execute, "select plumb.run_invariant_cycle()")
        cancel_when_asleep(slow_view, worker)
        assert job.result(timeout=10).fetchone() == ("7 hold, 0 violated, 1 unknown",)
    error = slow_view.execute("select error from invariant_status where name = 'SLOW'").fetchone()
    assert "canceling statement due to user request" in error[0]


def test_a_person_who_cancels_stops_the_round(slow_view, connect):
    person = connect()
    with ThreadPoolExecutor(1) as thread:
        round_ = thread.submit(person.execute, "select plumb.check_invariants()")
        cancel_when_asleep(slow_view, person)
        with pytest.raises(psycopg.errors.QueryCanceled):
            round_.result(timeout=10)
