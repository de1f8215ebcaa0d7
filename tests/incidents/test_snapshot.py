"""The forensic snapshot keeps what an investigator would want to have seen."""

from concurrent.futures import ThreadPoolExecutor


def snapshot(db):
    return db.execute("select snapshot from incidents order by incident_id limit 1").fetchone()[0]


def test_it_holds_the_violating_rows_up_to_a_limit(shop):
    shop.execute("select change_setting('snapshot_rows_max', '1')")
    shop.execute("update stock set quantity = -1")
    shop.execute("select check_invariants()")
    violations = snapshot(shop)["violations"]
    assert [(v["subject"], v["details"]["amount"]) for v in violations] == [("1", -1)]


def test_it_shows_who_did_what_and_who_waited_for_whom(shop, connect, wait_until_blocked):
    culprit, victim = connect(autocommit=False), connect()
    culprit.execute("set application_name = 'the till'")
    culprit.execute("update retail.products set price = 1 where product_id = 1")
    shop.execute("update stock set quantity = -1 where product_id = 1")
    with ThreadPoolExecutor(1) as thread:
        blocked = thread.submit(
            victim.execute, "update retail.products set price = 2 where product_id = 1"
        )
        wait_until_blocked(victim)
        # The jobs run as plumb_worker, which is no superuser, and must see all the same.
        connect(user="plumb_worker").execute("call plumb.run_job('invariant', true)")
        culprit.rollback()
        blocked.result(timeout=10)

    taken = snapshot(shop)
    seen = {a["application_name"]: a["query"] for a in taken["activity"]}
    assert seen["the till"] == "update retail.products set price = $1 where product_id = $2"
    waits = [lock["blocked_by"] for lock in taken["locks"]]
    assert [culprit.info.backend_pid] in waits
    assert {job["job_name"] for job in taken["jobs"]} >= {"invariant", "health"}


def test_it_is_taken_once_when_the_incident_opens(shop):
    shop.execute("update stock set quantity = -1")
    shop.execute("select check_invariants()")
    before = snapshot(shop)
    shop.execute("select check_invariants()")
    assert snapshot(shop) == before


def test_a_reopened_incident_takes_it_anew_and_keeps_the_old_one(shop, at):
    shop.execute("update stock set quantity = -3 where product_id = 1")
    shop.execute("select check_invariants()")
    shop.execute("update stock set quantity = 7 where product_id = 1")
    shop.execute("select check_invariants()")
    at(60)
    shop.execute("update stock set quantity = -5 where product_id = 2")
    shop.execute("select check_invariants()")

    incident = shop.execute(
        "select describe_incident_in_full(incident_id) from incidents"
        " where scope = 'NO_NEGATIVE_STOCK'"
    ).fetchone()[0]
    now, before = incident["snapshot"], incident["earlierSnapshots"]
    assert now["takenAt"] == "2030-01-01T12:01:00+00:00"
    assert [(v["subject"], v["details"]["amount"]) for v in now["violations"]] == [("2", -5)]
    assert [v["subject"] for s in before for v in s["violations"]] == ["1"]


def test_of_the_earlier_ones_only_so_many_are_kept(shop, at):
    shop.execute("select change_setting('earlier_snapshots_max', '2')")
    for round_number in range(4):
        at(60 * round_number)
        shop.execute("update stock set quantity = %s where product_id = 1", [-1 - round_number])
        shop.execute("select check_invariants()")
        shop.execute("update stock set quantity = 7 where product_id = 1")
        shop.execute("select check_invariants()")
    kept = shop.execute(
        "select earlier_snapshots from incidents where scope = 'NO_NEGATIVE_STOCK'"
    ).fetchone()[0]
    assert [s["violations"][0]["details"]["amount"] for s in kept] == [-3, -2]


def seal(db):
    """Run the job of every few seconds."""
    db.execute("call plumb.run_job('seal', true)")
    return db.execute(
        "select message from job_runs where job_name = 'seal' order by job_run_id desc limit 1"
    ).fetchone()[0]


def blamed(db, invariant="NO_NEGATIVE_STOCK"):
    """Return whom the violation and the evidence blame: applications, newest first."""
    row = db.execute(
        "select v.blame, i.snapshot #> '{violations,0,blame}' from invariant_violations as v"
        " join incidents as i using (incident_id) where v.invariant = %s and v.cleared_at is null",
        [invariant],
    ).fetchone()
    return [[entry["application"] for entry in entries] for entries in row]


def change(connect, name, statement):
    connect(application_name=name).execute(statement)


def test_it_blames_whoever_did_it_as_soon_as_that_is_sealed(shop, connect):
    seal(shop)
    shop.execute("select check_invariants()")
    change(connect, "night batch", "update retail.stock set quantity = -1 where product_id = 1")
    shop.execute("select check_invariants()")
    assert blamed(shop) == [[], []]

    assert "blame" not in seal(shop)

    assert blamed(shop) == [["night batch"], ["night batch"]]


def test_who_changed_the_row_honestly_before_is_not_left_alone_with_the_blame(shop, connect):
    seal(shop)
    shop.execute("select check_invariants()")
    change(connect, "till", "update retail.stock set quantity = 6 where product_id = 1")
    seal(shop)
    change(connect, "night batch", "update retail.stock set quantity = -1 where product_id = 1")
    shop.execute("select check_invariants('cycle')")
    assert blamed(shop) == [["till"], ["till"]]

    seal(shop)

    assert blamed(shop) == [["night batch", "till"], ["night batch", "till"]]


def test_who_tries_to_repair_it_is_not_blamed(shop, connect):
    seal(shop)
    shop.execute("select check_invariants()")
    change(connect, "night batch", "update retail.stock set quantity = -1 where product_id = 1")
    shop.execute("select check_invariants()")
    seal(shop)
    for _ in range(2):
        change(connect, "dba", "update retail.stock set quantity = -2 where product_id = 1")
        seal(shop)
    assert blamed(shop) == [["night batch"], ["night batch"]]


def test_a_check_that_runs_does_not_delay_sealing(shop, connect):
    shop.execute("update stock set quantity = -1 where product_id = 1")
    shop.execute("select check_invariants()")
    checking = connect(autocommit=False)
    checking.execute("select plumb.check_invariants()")
    shop.execute("set lock_timeout = '2s'")
    assert "blame" not in seal(shop)
