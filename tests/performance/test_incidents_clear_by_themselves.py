"""What is critical opens an incident of its priority, which goes when the problem does."""


def test_a_critical_check_opens_an_incident_that_clears(db, open_incidents):
    db.execute("update plumb.jobs set is_enabled = false")
    db.execute("alter table retail.stock_ledger disable trigger stock_ledger_moves_stock")
    db.execute("select plumb.run_perf()")
    assert open_incidents("database-check") == [("disabled_triggers", "P1")]

    db.execute("alter table retail.stock_ledger enable trigger stock_ledger_moves_stock")
    db.execute("select plumb.run_perf()")
    assert open_incidents("database-check") == []


def test_two_runs_open_one_incident(db, open_incidents):
    db.execute("create sequence public.tickets maxvalue 100")
    db.execute("select setval('public.tickets', 95)")
    db.execute("select plumb.run_perf()")
    db.execute("select plumb.run_perf()")

    assert ("sequences", "P2") in open_incidents("database-check")
    assert db.execute(
        "select count(*) from plumb.incidents where scope = 'sequences'"
    ).fetchone() == (1,)


def test_a_warning_is_no_incident(db, open_incidents):
    db.execute("create table public.ages (age integer)")
    db.execute("alter table public.ages add constraint is_old check (age > 17) not valid")
    db.execute("select plumb.run_perf()")

    assert "invalid_constraints" not in dict(open_incidents("database-check"))


def test_the_last_look_is_kept_for_scrapes(db):
    db.execute("select plumb.run_perf()")

    assert db.execute(
        "select array(select check_name from plumb.database_check_results"
        " where checked_at is not null order by 1)"
        " = array(select check_name from plumb.database_checks order by 1)"
    ).fetchone() == (True,)


def test_health_follows_the_cycle_that_found_the_problem(shop):
    shop.execute("select plumb.check_invariants()")
    shop.execute("select plumb.score_health()")
    before = shop.execute("select score from plumb.score_health()").fetchone()[0]

    shop.execute("update retail.stock set quantity = -2 where product_id = 1")
    shop.execute("select plumb.run_seal()")
    shop.execute("select plumb.run_invariant_cycle()")

    newest = "select score from plumb.health_scores order by health_score_id desc limit 1"
    assert shop.execute(newest).fetchone()[0] < before
