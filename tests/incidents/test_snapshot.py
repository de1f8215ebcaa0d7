"""The forensic snapshot keeps what an investigator would want to have seen."""

from concurrent.futures import ThreadPoolExecutor


def snapshot(db):
    return db.execute("select snapshot from incidents order by incident_id limit 1").fetchone()[0]


def test_it_holds_the_violating_rows_up_to_a_limit(shop):
    shop.execute("select change_setting('snapshot_rows_max', '1')")
    shop.execute("update stock set quantity = -1")
    shop.execute("select check_invariants()")
    violations = snapshot(shop)["violations"]
    assert [(v["subject"], v["details"]["quantity"]) for v in violations] == [("1", -1)]


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
        shop.execute("set role plumb_worker")
        shop.execute("select plumb.check_invariants()")
        shop.execute("reset role")
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
