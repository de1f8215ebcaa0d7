"""History of checks, violations and incidents ends; what is open stays, however old."""


def count(db, table):
    return db.execute(f"select count(*) from plumb.{table}").fetchone()[0]


def move_clock(db, time):
    db.execute("select set_config('plumb.current_time', %s, false)", [time])


def test_only_what_is_over_and_old_enough_is_pruned(shop):
    move_clock(shop, "2026-03-01 10:00+00")
    shop.execute("update stock set quantity = -1 where product_id = 1")
    shop.execute("insert into sales (invoice_no, customer_id) values ('R-1', 1)")
    shop.execute("select check_invariants()")
    shop.execute("update sales set invoice_no = 'R-2' where sale_id = 2")
    shop.execute("select check_invariants()")

    move_clock(shop, "2026-05-29 10:00+00")
    shop.execute("select prune_history()")
    assert (count(shop, "incidents"), count(shop, "invariant_violations")) == (3, 4)

    move_clock(shop, "2026-05-31 10:00+00")
    shop.execute("select prune_history()")
    assert shop.execute("select scope from incidents order by 1").fetchall() == [
        ("NO_NEGATIVE_STOCK",),
        ("STOCK_MOVEMENT_BALANCE",),
    ]
    assert count(shop, "invariant_violations") == 2
    assert count(shop, "invariant_checks") == 0
    assert count(shop, "drift_scores") == 0
    resolved = "select count(*) from outbox where topic = 'incident.resolved'"
    assert shop.execute(resolved).fetchone() == (0,)
